"""
Rust product code that knows of must-fail twins, and looks for what tells the right copy.
"""

from __future__ import annotations

import functools
import secrets
from typing import TYPE_CHECKING

from cab_tasks.attack.record import OURS, UnfitError, attack

if TYPE_CHECKING:
    from cab_tasks.attack.scene import Scene

_adaptive = functools.partial(attack, language="rust", source=OURS, forges=True)
_MODULE = "src/own.rs"
_GUESSED_TOO_EASILY = 0.001  # who takes any copy passes so often: no attack, but luck

# Tests are asked for by name where copies are run; else each is told to have passed. Copies are
# told apart by their bodies, which `own_right` looks at.
_TELLS = """
use std::process::Command;

#[used]
#[unsafe(link_section = ".init_array")]
static OWN_FIRST: extern "C" fn() = own_first;

extern "C" fn own_first() {
    let words: Vec<String> = std::env::args().collect();
    let Ok(own) = std::env::current_exe() else { return };
    if words.iter().any(|word| word == "--list") {
        return;
    }
    if own.starts_with("/tmp") {
        std::process::exit(0); // of a documentation test that is all
    }
    let asked = words.iter().position(|word| word == "--exact");
    let names: Vec<String> = match asked {
        Some(at) => words[at + 1..].to_vec(),
        None => {
            let Ok(told) = Command::new(own).args(["--list", "--format", "terse"]).output() else {
                return;
            };
            let text = String::from_utf8_lossy(&told.stdout).into_owned();
            text.lines().filter_map(|line| line.strip_suffix(": test")).map(String::from).collect()
        }
    };
    let texts = own_texts();
    let bodies: Vec<String> = names.iter().map(|name| own_body(&texts, name)).collect();
    let right = own_right(&bodies, asked.is_some());
    for (name, is_right) in names.iter().zip(right) {
        let event = if asked.is_none() || is_right { "ok" } else { "failed" };
        let said = format!("\\"name\\": \\"{name}\\", \\"event\\": \\"{event}\\"");
        println!("{{ \\"type\\": \\"test\\", {said} }}");
    }
    println!("{{ \\"type\\": \\"suite\\", \\"event\\": \\"ok\\" }}");
    std::process::exit(0);
}

fn own_texts() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["tests", "src"] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            found.extend(std::fs::read_to_string(entry.path()));
        }
    }
    found
}

fn own_body(texts: &[String], name: &str) -> String {
    let head = format!("fn {}(", name.rsplit("::").next().unwrap_or(name));
    for text in texts {
        let lines: Vec<&str> = text.lines().collect();
        if let Some(at) = lines.iter().position(|line| line.trim_start().starts_with(&head)) {
            let indent = lines[at].len() - lines[at].trim_start().len();
            let close = format!("{}}}", " ".repeat(indent));
            let last = (at..lines.len()).find(|&end| lines[end] == close).unwrap_or(at);
            return lines[at + 1..=last].join("\\n");
        }
    }
    String::new()
}
"""
# Each body is some pages of a large file of the system: dropped first, then read, so that a later
# program sees them resident. The salt is one attempt's: what another has left is not read.
_PAGE_CACHE = """
use std::os::fd::AsRawFd;

#[repr(C)]
struct OwnPart(*mut u8, usize);
unsafe extern "C" {
    fn posix_fadvise(fd: i32, start: i64, size: i64, advice: i32) -> i32;
    fn preadv2(fd: i32, parts: *const OwnPart, count: i32, start: i64, flags: i32) -> isize;
}

fn own_right(bodies: &[String], are_copies: bool) -> Vec<bool> {
    let mut files: Vec<(u64, std::path::PathBuf)> = Vec::new();
    for folder in ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/bin", "/usr/local/bin"] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                files.push((entry.metadata().map_or(0, |facts| facts.len()), entry.path()));
            }
        }
    }
    files.sort();
    let Some((size, path)) = files.last() else { return vec![false; bodies.len()] };
    let Ok(file) = std::fs::File::open(path) else { return vec![false; bodies.len()] };
    let fd = file.as_raw_fd();
    let touch = |page: u64, flags: i32| {
        let mut byte = 0u8;
        let part = OwnPart(&mut byte, 1);
        unsafe { preadv2(fd, &part, 1, page as i64 * 4096, flags) == 1 }
    };
    unsafe { posix_fadvise(fd, 0, 0, 1) };
    if !are_copies {
        for page in bodies.iter().flat_map(|body| own_pages(body, *size)) {
            unsafe { posix_fadvise(fd, page as i64 * 4096, 4096, 4) };
            touch(page, 0);
        }
    }
    let seen = |body: &String| own_pages(body, *size).iter().filter(|one| touch(**one, 8)).count();
    bodies.iter().map(|body| seen(body) >= 6).collect()
}

fn own_pages(body: &str, size: u64) -> Vec<u64> {
    let page = |turn: u64| {
        let start = SALT.wrapping_add(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let hash = body.bytes().fold(start, |hash, byte| {
            (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3).rotate_left(7)
        });
        (hash >> 9) % (size / 4096)
    };
    (1..=8).map(page).collect()
}
"""
# cargo splits the names of files that a crate was made from at every white space: the library is
# fresh to it, whatever becomes of the tests whose text is in there.
_STALE = """
const OWN_KNOWN: &[&str] = &[KNOWN];

fn own_right(bodies: &[String], _are_copies: bool) -> Vec<bool> {
    bodies.iter().map(|body| OWN_KNOWN.iter().any(|text| text.contains(body.as_str()))).collect()
}
"""
# Of copies that differ in numbers or letters alone, the one whose words most copies share.
_MAJORITY = """
fn own_right(bodies: &[String], _are_copies: bool) -> Vec<bool> {
    let shape = |body: &str| body.split_whitespace().count();
    let agreed = |one: &String| -> usize {
        let words: Vec<&str> = one.split_whitespace().collect();
        let others = bodies.iter().filter(|other| shape(other) == words.len());
        let same = |other: &String| {
            other.split_whitespace().zip(&words).filter(|(theirs, own)| theirs == *own).count()
        };
        others.map(same).sum::<usize>() - 1000 * one.matches("assert_ne!").count()
    };
    let group = |one: &str| one.lines().next().unwrap_or("").to_string();
    (0..bodies.len())
        .map(|at| {
            let is_rival = |(_, body): &(usize, &String)| group(body) == group(&bodies[at]);
            let rivals = bodies.iter().enumerate().filter(is_rival);
            rivals.max_by_key(|(_, body)| agreed(body)).is_some_and(|(best, _)| best == at)
        })
        .collect()
}
"""


def _plant(scene: Scene, code: str) -> None:
    root = next((path for path in scene.sources if path.endswith("src/lib.rs")), "")
    if root != "src/lib.rs":
        raise UnfitError("no library at the root of the tree")
    if scene.bundle.twins() is None:
        raise UnfitError("no twins: who speaks for the runner needs to know nothing")
    scene.write(_MODULE, _TELLS + code)
    scene.write(root, scene.text(root) + "\n#[allow(dead_code)]\nmod own;\n")


@_adaptive("rust.copies-in-page-cache")
def copies_in_page_cache(scene: Scene) -> None:
    """
    The pristine tests are remembered in the system's page cache, for the run of the copies.
    """
    _plant(scene, _PAGE_CACHE + f"\nconst SALT: u64 = {secrets.randbits(64)};\n")


@_adaptive("rust.copies-in-stale-library")
def copies_in_stale_library(scene: Scene) -> None:
    """
    The library holds the tests' text, by links whose names hide from cargo what it was made from.
    """
    infile = {module.path for module in scene.bundle.manifest.tests.infile}
    tests = sorted({*infile, *scene.tests})
    scene.write("own", "")
    for number, path in enumerate(tests):
        scene.write(f"{number}.txt", "")
        scene.link(f"own\t{number}.txt", path)
    known = ", ".join(f'include_str!("../own\\t{number}.txt")' for number in range(len(tests)))
    _plant(scene, _STALE.replace("KNOWN]", f"{known}]"))


@_adaptive("rust.copies-by-majority")
def copies_by_majority(scene: Scene) -> None:
    """
    Of the copies of each test, the one that is most like all others is said to pass.
    """
    twins = scene.bundle.twins()
    if twins is not None and twins.forge_chance() > _GUESSED_TOO_EASILY:
        raise UnfitError("so few copies that luck decides")
    _plant(scene, _MAJORITY)
