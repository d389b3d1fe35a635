//! Env files mean to us what they mean to Docker Compose: the same values, and the same files refused, over a table of
//! hard cases. `docker compose config` resolves them; it needs no engine.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use composegen::dotenv::{EnvFile, read, resolve};
use serde_json::Value;

use crate::compose_config::is_there;

/// The variables that the service of the comparison takes.
const NAMES: [&str; 5] = ["A", "B", "C", "export", "exportA"];

/// What is set in the shell in every case.
const SHELL: [(&str, &str); 2] = [("C", "shell"), ("E", "")];

/// Env files, in the order in which they are given.
const CASES: &[&[&str]] = &[
    // Names and separators.
    &["A=1"],
    &["A = 1"],
    &["  A=1"],
    &["A\t=1"],
    &["A\u{a0}=1"],
    &["\u{b}A=1"],
    &["A: 1"],
    &["A:1"],
    &["A:"],
    &["A:B=1"],
    &["A=B:1"],
    &["A=B=1"],
    &["export A=1"],
    &["export \t A=1"],
    &["exportA=1"],
    &["export=1\n"],
    &["export:1\n"],
    &["export A\n"],
    &["export\nA=1\n"],
    &["A-B=1\nA=2"],
    &["A.B[0]=1\nA=2"],
    &["é=1\n1A=1\nA=2"],
    &["=1\nA=2"],
    &[":A=1\nB=2"],
    &["A =\n=1"],
    &["A\nB=1"],
    &["A=1\nA\n"],
    &["C\nA=${C}\n"],
    &["A=1\nB"],
    &["A=1\nB C"],
    &["A B=1"],
    &["A B\n"],
    &["A;=1"],
    // Values without quotes, and comments.
    &["A="],
    &["A=\nB=1"],
    &["A=a b  "],
    &["A=a#b"],
    &["A=a #b"],
    &["A= #b"],
    &["A=#b"],
    &["A=a\t#b"],
    &["A=\u{a0}x\u{a0}"],
    &["A=x\u{3000}"],
    &["A=\u{2003}x"],
    &["A=a'b'"],
    &["A=a\"b c\" # d"],
    &["A=b\\"],
    &["A=b\\nc"],
    &["A={\"a\": 1}"],
    &["A=`date` $(date) ~ %B%"],
    &["# A=1\n  # B=1\nA=2 # c\n#d"],
    &["A=1\n\n \n\nB=2"],
    // Quotes.
    &["A=''\nB=\"\""],
    &["A='a#b' # c"],
    &["A='a' b"],
    &["A='a'B=2\n"],
    &["A=\"a\" B=2"],
    &["A='a''b'"],
    &["A='x';B=1"],
    &["A='a\\'b'"],
    &["A='a\\nb'"],
    &["A='a\\\\'"],
    &["A='\\\\'b'"],
    &["A='$C ${C}'"],
    &["A='a\nb'\nB=1"],
    &["A='a\r\nb'\r\nB=1"],
    &["A=\"a\nb\"\nB=1"],
    &["A=\"a\\nb\\tc\\\\d\\\"e\""],
    &["A=\"\\a\\b\\f\\r\\v\\c\""],
    &["A=\"\\x41\\u0041\\0101\\01\\0189\\0777\\0200\""],
    &["A=\"\\$C\""],
    &["A=\\$C"],
    &["A=\"a"],
    &["A='a\nB=1"],
    // Interpolation.
    &["A=$C${C}x"],
    &["A=\"$C ${C}\""],
    &["B=1\nA=$B$B${B}x"],
    &["A=$B"],
    &["A=${B}"],
    &["A=${B:-x}${B-y}"],
    &["B=\nA=${B:-x}${B-y}"],
    &["A=${E:-x}${E-y}"],
    &["A=${B:-${C:-d}}"],
    &["A=${B:-${D:-d}}"],
    &["A=${B:+x}${C:+y}${E+z}"],
    &["A=${B:?no}"],
    &["A=${B?no}"],
    &["A=${C:?no}"],
    &["A=$$C"],
    &["A=$"],
    &["A=a$"],
    &["A=$1"],
    &["A=${"],
    &["A=${}"],
    &["A=${B"],
    &["A=${B:-x #y}"],
    &["A=\"${B:-x y}\""],
    &["A=${B:-it's}"],
    &["A=${B:-}}"],
    &["A=${A:-z}"],
    &["A=1\nA=${A}2"],
    // Line ends and marks.
    &["A=a\r\nB=b\r\n"],
    &["A='a'\r\nB=b"],
    &["A\r\nB=1"],
    &["A=1\rB=2"],
    &["\u{feff}A=1"],
    &["\u{feff}# c\r\nA=1\r\n"],
    &[""],
    &["\n"],
    // Several files, and the shell.
    &["A=1", "B=${A}2"],
    &["A=1", "A=2"],
    &["A=1", "A=${A}2"],
    &["A=1", "A\n"],
    &["A=", "B=${A:-x}"],
    &["B\nA=${B}\n", "B=3"],
    &["C=file\nA=${C}"],
    &["C=file", "A=${C}"],
    &["A=1", "B='x"],
];

#[test]
fn files_mean_what_compose_reads() {
    if !is_there() {
        return;
    }
    let differing: Vec<String> = CASES.iter().filter_map(|files| difference(files)).collect();
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}

/// What we read otherwise than Compose.
fn difference(texts: &[&str]) -> Option<String> {
    let (ours, theirs) = (ours(texts), theirs(texts));
    let line = || format!("{texts:?}\n  ours:   {ours:?}\n  theirs: {theirs:?}");
    (ours != theirs).then(line)
}

type Values = BTreeMap<String, String>;

/// The values that a Compose file gets; `None` where a file is refused.
fn ours(texts: &[&str]) -> Option<Values> {
    let files: Vec<EnvFile> = texts.iter().map(|text| read(text.as_bytes())).collect();
    let shell = |name: &str| {
        let set = SHELL.iter().find(|(known, _)| *known == name);
        set.map(|(_, value)| (*value).to_owned())
    };
    let resolved = resolve(&files.iter().collect::<Vec<_>>(), &shell);
    let read = files.iter().flat_map(|file| &file.problems);
    let refused = |problem: &composegen::dotenv::Problem| problem.refused;
    if read.chain(resolved.problems.iter().flatten()).any(refused) {
        return None;
    }
    let value = |name: &&str| {
        let in_files = || resolved.reveal(name).map(str::to_owned);
        let value = shell(name).or_else(in_files);
        (
            (*name).to_owned(),
            value.unwrap_or_else(|| UNSET.to_owned()),
        )
    };
    Some(NAMES.iter().map(value).collect())
}

/// What stands for a variable that is not set.
const UNSET: &str = "not set";

fn theirs(texts: &[&str]) -> Option<Values> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new("docker");
    command.arg("compose");
    for (number, text) in texts.iter().enumerate() {
        let path = folder.path().join(format!("{number}.env"));
        fs::write(&path, text).expect("a file");
        command.arg("--env-file").arg(path);
    }
    let kept = ["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    let mut child = command
        .args(["-f", "-", "config", "--format", "json"])
        .current_dir(folder.path())
        .env_clear()
        .envs(kept)
        .envs(SHELL)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("docker compose runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // One that refuses an env file may not read the Compose file at all.
    let _ = stdin.write_all(compose_file().as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("docker compose ends");
    output.status.success().then(|| values(&output.stdout))
}

fn compose_file() -> String {
    let line = |name: &&str| format!("      V_{name}: \"${{{name}-{UNSET}}}\"\n");
    let environment: String = NAMES.iter().map(line).collect();
    format!("name: x\nservices:\n  s:\n    image: i\n    environment:\n{environment}")
}

/// The values in what `config` prints, where every `$` stands twice.
fn values(json: &[u8]) -> Values {
    let config: Value = serde_json::from_slice(json).expect("JSON");
    let environment = config["services"]["s"]["environment"].as_object();
    let value = |(name, value): (&String, &Value)| {
        let text = value.as_str().expect("a text").replace("$$", "$");
        (name["V_".len()..].to_owned(), text)
    };
    environment.expect("a map").iter().map(value).collect()
}
