//! The fuzz targets without `cargo fuzz`: their bodies over their seeds, so that they cannot rot. The seeds are small,
//! and among them is every input that once broke something.

use std::fs;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use composegen::pipeline::load;

use crate::fuzz_bodies::lines::{self, Dice};
use crate::fuzz_bodies::{catalog, compose, emitter};

/// The seeds of a target stay small, so that a clone does.
const MOST_BYTES: usize = 96 * 1024;

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz_folder().join("seeds").join(target);
    let mut seeds: Vec<(String, Vec<u8>)> = entries(&folder)
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    let all: usize = seeds.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(all <= MOST_BYTES, "the seeds of {target} have {all} bytes");
    seeds
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The catalogs of the golden cases, each as one seed: the fuzzer starts with them, too.
fn golden(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for path in entries(folder).into_iter().filter(|path| path.is_dir()) {
        let main = path.join("catalog.yaml");
        match path.ends_with("catalog") && main.is_file() {
            true => found.push((path.display().to_string(), joined(&path, &main))),
            false => golden(&path, found),
        }
    }
}

fn joined(folder: &Path, main: &Path) -> Vec<u8> {
    let mut others = entries(folder);
    others.retain(|path| path.is_file() && path != main);
    others.sort();
    let mut bytes = fs::read(main).unwrap();
    for other in others {
        bytes.extend(b"\n#--\n");
        bytes.extend(fs::read(other).unwrap());
    }
    bytes
}

fn catalogs() -> Vec<(String, Vec<u8>)> {
    let mut all = seeds("catalog");
    golden(&fuzz_folder().join("../tests/golden"), &mut all);
    assert!(all.len() > 100, "only {} catalogs", all.len());
    all
}

/// Runs a body over seeds; the name of the one that breaks it is the last that is printed.
fn replay(seeds: Vec<(String, Vec<u8>)>, body: fn(&[u8])) {
    for (name, bytes) in seeds {
        println!("{name}");
        body(&bytes);
    }
}

#[test]
fn the_fuzz_seeds_of_the_catalog_hold() {
    replay(catalogs(), catalog::run);
}

#[test]
fn the_fuzz_seeds_of_the_compose_reader_hold() {
    replay(seeds("compose"), compose::run);
}

#[test]
fn the_fuzz_seeds_of_the_emitter_hold() {
    replay(seeds("emitter"), emitter::run);
}

/// What the fuzzer does to lines leaves most catalogs to be read, and some of them wrong.
#[test]
fn changed_lines_get_an_answer() {
    for (number, (name, bytes)) in catalogs().into_iter().enumerate().step_by(4) {
        println!("{name}");
        let changed = lines::changed(&bytes, &mut Dice::new(number as u32));
        catalog::run(&changed.unwrap_or_default());
    }
}

/// A target whose seeds are all refused would look at no output.
#[test]
fn many_fuzz_seeds_are_catalogs_that_can_be_read() {
    let seeds = catalogs();
    let reads = |bytes: &[u8]| {
        let arena = Bump::new();
        let loaded = load(&catalog::sources(bytes), &arena);
        loaded.parsed && loaded.findings.errors() == 0
    };
    let readable = seeds.iter().filter(|(_, bytes)| reads(bytes)).count();
    assert!(readable * 3 > seeds.len(), "{readable} of {}", seeds.len());
}

/// Every target is in the list that `make fuzz-smoke` goes through, and has its seeds.
#[test]
fn every_fuzz_target_is_run() {
    let script = fs::read_to_string(fuzz_folder().join("smoke")).unwrap();
    let targets = fs::read_dir(fuzz_folder().join("fuzz_targets")).unwrap();
    for target in targets {
        let path = target.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let listed = script
            .lines()
            .any(|line| line.starts_with("targets=") && line.contains(name));
        assert!(listed, "`{name}` is not among the targets of fuzz/smoke");
        assert!(!seeds(name).is_empty());
    }
}
