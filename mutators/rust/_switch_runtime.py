"""
What woven Rust sources call: switches, probes and fuel; goes to the end of every crate root.
"""

from __future__ import annotations

from mutators.rust._switch_iterator import RUNTIME

# CAB_MUT     id of the one mutant that is on; 0 or unset: none; `!7`: panic where 7 would be asked
# CAB_TRACE   file that notes go to, a line each: `h 7` (site 7 was met), `t 4096` (a thread burned
#             so many ticks), `f name` (the thread of this name is out of fuel)
# CAB_FUEL    ticks that a thread may burn, and behind a space how many fewer once another one has
#             run out; then lines `name<TAB>ticks` for threads of their own. `trace`: no limit, and
#             notes of all sites and ticks. Unset: no limit, no notes
#
# Nothing here is unsafe, or allocates on the usual path.
_TEXT = """
#[doc(hidden)]
@ALLOW@mod __cab {
    extern crate std;
    use self::std::cell::Cell;
    use self::std::io::Write;
    use self::std::option::Option::{self, None, Some};
    use self::std::string::String;
    use self::std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    const SITES: usize = @SITES@;
    const UNKNOWN: u32 = !0;
    const TRACING: u32 = !0 - 1;
    const PANICKING: u32 = !0 - 2;
    const UNWINDING: u64 = 100_000;
    const NEW: AtomicBool = AtomicBool::new(false);
    static SEEN: [AtomicBool; SITES] = [NEW; SITES];
    static ACTIVE: AtomicU32 = AtomicU32::new(UNKNOWN);
    static HUNG: AtomicBool = AtomicBool::new(false);
    static VICTIM: AtomicU32 = AtomicU32::new(0);
    self::std::thread_local! {
        static LEFT: Cell<u64> = const { Cell::new(0) };
        static BURNED: Cell<u64> = const { Cell::new(0) };
        static STRIKES: Cell<u8> = const { Cell::new(0) };
        static BUSY: Cell<bool> = const { Cell::new(false) };
    }

    #[inline]
    pub fn on(id: u32) -> bool {
        let active = ACTIVE.load(Ordering::Relaxed);
        if active < PANICKING { active == id } else { ask(id, active) }
    }

    #[inline]
    pub fn tick() {
        LEFT.with(|left| match left.get() {
            0 => refill(),
            n => left.set(n - 1),
        })
    }

    #[cold]
    fn ask(id: u32, mut active: u32) -> bool {
        // A crate's own allocator may be woven too, and come back here.
        if BUSY.with(|busy| busy.replace(true)) {
            return false;
        }
        if active == UNKNOWN {
            active = start();
        }
        if active == TRACING && !SEEN[id as usize].swap(true, Ordering::Relaxed) {
            note(self::std::format_args!("h {}\\n", id));
        }
        BUSY.with(|busy| busy.set(false));
        if active == PANICKING && VICTIM.load(Ordering::Relaxed) == id {
            self::std::panic!("__cab: self-test");
        }
        active == id
    }

    fn start() -> u32 {
        let word = variable("CAB_MUT").unwrap_or_default();
        let is_traced = variable("CAB_FUEL").map_or(false, |fuel| fuel == "trace");
        let active = if let Some(victim) = word.strip_prefix('!') {
            VICTIM.store(victim.parse().unwrap_or(0), Ordering::Relaxed);
            PANICKING
        } else if is_traced {
            TRACING
        } else {
            word.parse().unwrap_or(0)
        };
        ACTIVE.store(active, Ordering::Relaxed);
        active
    }

    #[cold]
    #[track_caller]
    fn refill() {
        if BUSY.with(|busy| busy.replace(true)) {
            LEFT.with(|left| left.set(UNWINDING));
            return;
        }
        let is_over = burn();
        BUSY.with(|busy| busy.set(false));
        if is_over && !self::std::thread::panicking() {
            self::std::panic!("__cab: out of fuel");
        }
    }

    fn burn() -> bool {
        let strikes = STRIKES.with(|strikes| strikes.get());
        let fuel = variable("CAB_FUEL").unwrap_or_default();
        let burned = BURNED.with(|burned| burned.get());
        let name = self::std::thread::current().name().map(String::from).unwrap_or_default();
        let budget = if fuel == "trace" { 1024u64.max(burned) } else { budget_of(&fuel, &name) };
        let is_first = burned == 0;
        BURNED.with(|burned| burned.set(burned.get().saturating_add(budget)));
        LEFT.with(|left| left.set(if is_first || fuel == "trace" { budget } else { UNWINDING }));
        if is_first {
            return false;
        }
        if fuel == "trace" {
            note(self::std::format_args!("t {}\\n", burned));
            return false;
        }
        HUNG.store(true, Ordering::Relaxed);
        note(self::std::format_args!("f {}\\n", name));
        if strikes == 2 {
            self::std::process::abort();
        }
        STRIKES.with(|strikes| strikes.set(strikes.get() + 1));
        true
    }

    fn budget_of(fuel: &str, name: &str) -> u64 {
        let mut lines = fuel.lines();
        let mut words = lines.next().unwrap_or("").split(' ');
        let usual = words.next().and_then(|word| word.parse().ok()).unwrap_or(u64::MAX);
        let less = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        // Where one test hangs, another one that burns much hangs too.
        let less = if HUNG.load(Ordering::Relaxed) { less } else { 0 };
        let mut most: u64 = usual;
        for line in lines {
            let mut words = line.splitn(2, '\\t');
            let (owner, budget) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let budget: u64 = budget.parse().unwrap_or(usual);
            if owner == name {
                return budget.saturating_sub(less).max(1);
            }
            most = most.max(budget);
        }
        // Threads that tests start do a test's work, and nobody knows of which.
        let budget = if name.is_empty() || name == "main" { most } else { usual };
        budget.saturating_sub(less).max(1)
    }

    fn variable(name: &str) -> Option<String> {
        match self::std::env::var(name) {
            Ok(value) => Some(value),
            Err(_) => None,
        }
    }

    fn note(text: self::std::fmt::Arguments<'_>) {
        if let Some(path) = variable("CAB_TRACE") {
            self::std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .and_then(|mut file| file.write_all(self::std::format!("{}", text).as_bytes()))
                .expect("CAB_TRACE cannot be written");
        }
    }
    use self::std::prelude::v1::*;
@EITHER@}
"""


def runtime(sites: int, *, allows_lints: bool = False) -> bytes:
    """
    The module `__cab` of one crate, for ids below `sites`.

    With `allows_lints`, for a build where lints are not capped. Else it has no such attribute:
    `allow` below a crate's `forbid` is an error that no cap takes away.
    """
    allow = "#[allow(warnings)]\n" if allows_lints else ""
    text = _TEXT.replace("@EITHER@", RUNTIME).replace("@SITES@", str(sites))
    return text.replace("@ALLOW@", allow).encode()
