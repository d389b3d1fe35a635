//! Data goes one way: a room uses the rooms before it in `ORDER` and never one behind it, and what is pure touches
//! no file, environment, process, clock or terminal. Read from the paths that the sources name, tests left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, each before those that may use it.
const ORDER: &[&str] = &[
    "place",
    "values",
    "guard",
    "dotenv",
    "rule",
    "finding",
    "yaml",
    "secrets",
    "compose",
    "project",
    "catalog",
    "plan",
    "rules",
    "outputs",
    "import",
    "hook",
    "difference",
    "git",
    "files",
    "source",
    "report",
    "pipeline",
    "deploy",
    "state",
    "docker",
    "cli",
    "commands",
    "large_pages",
    "bin",
    "main",
];

/// Macros that are exported at the crate's root, with the room that they belong to.
const MACROS: &[(&str, &str)] = &[
    ("model", "compose"),
    ("rare_keys", "compose"),
    ("words", "compose"),
    ("schema", "compose"),
];

/// Rooms that may touch the world; all others are functions of what they are given.
const AT_THE_EDGE: &[&str] = &[
    "guard", "git", "files", "source", "state", "docker", "cli", "commands", "bin", "main",
];

/// Modules of `std` that touch the world.
const WORLD: &[&str] = &["env", "fs", "io", "process", "thread", "time"];

/// Rooms at which `std::io::Write` is wanted: they write to whatever they are given.
const WRITERS: &[&str] = &["report"];

/// Words that touch the world without naming such a module.
const DEEDS: &[&str] = &[
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "TcpStream",
    "UdpSocket",
    ".canonicalize(",
    ".exists(",
    ".is_file(",
    ".is_dir(",
    ".read_dir(",
    "stdout()",
    "stderr()",
    "stdin()",
];

#[test]
fn no_room_uses_one_that_comes_after_it() {
    let wrong: Vec<String> = sources().iter().flat_map(against_the_order).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_rooms_between_the_edges_touch_nothing() {
    let wrong: Vec<String> = sources().iter().flat_map(touches).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_room_has_its_place_in_the_order() {
    let rooms: BTreeSet<String> = sources().iter().map(|source| source.room.clone()).collect();
    let known: BTreeSet<String> = ORDER.iter().map(|room| (*room).to_owned()).collect();
    assert_eq!(rooms, known);
}

/// A source file without its comments, texts and tests; lines stay where they are.
struct Source {
    /// From the repository's root.
    path: String,
    room: String,
    /// How many modules lie between the crate's root and the file's contents: 1 in `source.rs`, 2 in `yaml/read.rs`.
    depth: usize,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("src"), &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a source file is text");
        source(
            path.strip_prefix(root).expect("below the root"),
            &code(&text),
        )
    };
    let mut sources: Vec<Source> = paths.iter().filter_map(read).collect();
    assert!(sources.len() > 50, "only {} source files", sources.len());
    let tests = test_files(&sources, &paths, root);
    sources.retain(|source| !tests.contains(&source.path));
    sources
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn source(path: &Path, code: &str) -> Option<Source> {
    let modules = path.strip_prefix("src").ok()?.with_extension("");
    let mut modules: Vec<String> = modules
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    modules.pop_if(|last| last == "mod");
    let room = modules.first().filter(|room| *room != "lib")?.clone();
    Some(Source {
        path: path.to_string_lossy().replace('\\', "/"),
        room,
        depth: modules.len(),
        code: without_tests(code),
    })
}

/// Files of modules that are declared for tests alone: `#[cfg(test)] mod samples;`.
fn test_files(sources: &[Source], paths: &[PathBuf], root: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for path in paths {
        let text = code(&fs::read_to_string(path).expect("a source file is text"));
        for (_, end) in test_attributes(&text) {
            let item = text[end..].trim_start();
            let Some(name) = item
                .strip_prefix("mod ")
                .and_then(|rest| rest.split_once(';'))
            else {
                continue;
            };
            // Beside a `mod.rs`, or in the folder of a file's own name.
            let file = format!("{}.rs", name.0);
            let places = [
                path.with_file_name(&file),
                path.with_extension("").join(&file),
            ];
            for file in places {
                if let Ok(file) = file.strip_prefix(root) {
                    files.insert(file.to_string_lossy().replace('\\', "/"));
                }
            }
        }
    }
    files.retain(|file| sources.iter().any(|source| source.path == *file));
    files
}

fn against_the_order(source: &Source) -> Vec<String> {
    let rank = |room: &str| ORDER.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for (line, used) in uses(source) {
        let room = MACROS
            .iter()
            .find(|(name, _)| *name == used)
            .map_or(used.as_str(), |(_, room)| room);
        match (rank(&source.room), rank(room)) {
            (Some(own), Some(other)) if other <= own => {}
            (Some(_), Some(_)) => wrong.push(format!(
                "{}:{line}: `{}` uses `{room}`, which comes after it",
                source.path, source.room
            )),
            _ => wrong.push(format!(
                "{}:{line}: `{}` uses `{room}`, and one of them is not in the order",
                source.path, source.room
            )),
        }
    }
    wrong
}

fn touches(source: &Source) -> Vec<String> {
    if AT_THE_EDGE.contains(&source.room.as_str()) {
        return Vec::new();
    }
    let tell = &|line: usize, what: &str| {
        format!(
            "{}:{line}: `{}` uses {what}; only {} may",
            source.path,
            source.room,
            AT_THE_EDGE.join(", ")
        )
    };
    let writes = WRITERS.contains(&source.room.as_str());
    let modules = named_after(&source.code, "std::")
        .into_iter()
        .filter(|(_, name)| WORLD.contains(&name.as_str()) && !(writes && name == "io"))
        .map(|(line, name)| tell(line, &format!("`std::{name}`")));
    let deeds = DEEDS.iter().flat_map(|deed| {
        positions(&source.code, deed)
            .into_iter()
            .map(move |at| tell(line_of(&source.code, at), &format!("`{deed}`")))
    });
    modules.chain(deeds).collect()
}

/// The rooms and macros that a file names, with their lines.
fn uses(source: &Source) -> Vec<(usize, String)> {
    let climb = "super::".repeat(source.depth);
    let mut all = named_after(&source.code, "crate::");
    all.extend(named_after(&source.code, "composegen::"));
    all.extend(named_after(&source.code, &climb));
    all
}

/// The names that follow a prefix of paths, also in a group: `a` and `b` of `crate::{a::c, b}`.
fn named_after(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for at in positions(code, prefix) {
        let continued = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
        if at > 0 && continued(code.as_bytes()[at - 1]) {
            continue;
        }
        let start = at + prefix.len();
        for offset in first_names(&code[start..]) {
            let name: String = code[start + offset..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            names.push((line_of(code, start + offset), name));
        }
    }
    names
}

/// Where the names begin that stand at the head of a path or of a group's paths.
fn first_names(rest: &str) -> Vec<usize> {
    if !rest.starts_with('{') {
        return vec![0];
    }
    let (mut depth, mut starts, mut expected) = (0, Vec::new(), false);
    for (at, character) in rest.char_indices() {
        match character {
            '{' => {
                depth += 1;
                expected = depth == 1;
            }
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' => expected = depth == 1,
            _ if character.is_whitespace() => {}
            _ => {
                if expected {
                    starts.push(at);
                }
                expected = false;
            }
        }
    }
    starts
}

fn positions(code: &str, text: &str) -> Vec<usize> {
    code.match_indices(text).map(|(at, _)| at).collect()
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].bytes().filter(|byte| *byte == b'\n').count() + 1
}

/// Attributes of what is compiled for tests alone.
const FOR_TESTS: &[&str] = &["#[cfg(test)]", "#[cfg(all(test, unix))]"];

/// Where the attributes of tests stand, and where each ends.
fn test_attributes(code: &str) -> Vec<(usize, usize)> {
    let of = |text: &&str| {
        let len = text.len();
        positions(code, text)
            .into_iter()
            .map(move |at| (at, at + len))
            .collect::<Vec<_>>()
    };
    FOR_TESTS.iter().flat_map(of).collect()
}

/// The code with every item blanked that stands behind `#[cfg(test)]` and its like.
fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (at, _) in test_attributes(code) {
        let end = item_end(&code.as_bytes()[at..]) + at;
        blank(&mut bytes[at..end]);
    }
    String::from_utf8(bytes).expect("blanks between whole characters")
}

/// Where an item ends: at a `;` outside of braces, or behind the braces that it opened.
fn item_end(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    bytes.len()
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// The code with comments, texts and characters blanked: what stands in them uses nothing.
fn code(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let len = skipped(&text.as_bytes()[at..], at > 0 && is_word(bytes[at - 1]));
        blank(&mut bytes[at..at + len]);
        at += len.max(1);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many bytes at the head are a comment, a text or a character.
fn skipped(rest: &[u8], in_word: bool) -> usize {
    match rest {
        [b'/', b'/', ..] => rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len()),
        [b'/', b'*', ..] => find(rest, b"*/").map_or(rest.len(), |at| at + 2),
        [b'"', ..] => quoted(rest),
        [b'r', b'"' | b'#', ..] if !in_word => raw(rest),
        [b'\'', b'\\', ..] => {
            2 + rest[2..]
                .iter()
                .skip(1)
                .position(|b| *b == b'\'')
                .map_or(0, |at| at + 2)
        }
        [b'\'', ..] => character(rest),
        _ => 0,
    }
}

fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let start = 2 + hashes;
    find(&rest[start..], &end).map_or(rest.len(), |at| start + at + end.len())
}

/// A character's length with its quotes; 0 where it is a lifetime.
fn character(rest: &[u8]) -> usize {
    (2..=5)
        .find(|at| rest.get(*at) == Some(&b'\''))
        .filter(|at| *at == 2 || rest[1] >= 0x80)
        .map_or(0, |at| at + 1)
}

mod its_own_reading {
    use super::*;

    fn file(text: &str) -> Source {
        source(Path::new("src/plan/build.rs"), &code(text)).expect("a source")
    }

    #[test]
    fn an_import_against_the_order_is_told_with_its_line() {
        let text = "use crate::values::cpus::Cpus;\nuse crate::{\n    place::Place,\n    report::{human, json},\n};\n\
                    fn f() { super::super::files::write() }\n";
        assert_eq!(
            against_the_order(&file(text)),
            [
                "src/plan/build.rs:4: `plan` uses `report`, which comes after it",
                "src/plan/build.rs:6: `plan` uses `files`, which comes after it",
            ]
        );
    }

    #[test]
    fn comments_texts_and_tests_use_nothing() {
        let text = "// use crate::report;\n/* crate::cli */ const A: &str = \"crate::cli\\\"\"; const B: &str = r#\"crate::cli\"#;\n\
                    fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' }\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n";
        assert_eq!(against_the_order(&file(text)), Vec::<String>::new());
    }

    #[test]
    fn what_touches_the_world_is_told_with_its_line() {
        let text = "use std::{collections::BTreeMap, fs};\nfn f() {\n    println!();\n    std::env::var(\"A\");\n}\n";
        let lines: Vec<String> = touches(&file(text));
        let heads: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split(';').next())
            .collect();
        assert_eq!(
            heads,
            [
                "src/plan/build.rs:1: `plan` uses `std::fs`",
                "src/plan/build.rs:4: `plan` uses `std::env`",
                "src/plan/build.rs:3: `plan` uses `println!`",
            ]
        );
    }
}
