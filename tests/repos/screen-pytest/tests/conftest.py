import pytest

from shop.trouble import connect


@pytest.fixture(scope="session")
def connection():
    return connect()
