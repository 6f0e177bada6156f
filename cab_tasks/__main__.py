"""
`python -m cab_tasks` is `cab-tasks`.
"""

from cab_tasks.cli.main import main

if __name__ == "__main__":
    main()
