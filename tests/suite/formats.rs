//! The formats in which findings are told: each against its schema, all with the same exit status, and what they have
//! to survive: narrow terminals, odd paths, readers that go away. The words are in `tests/golden/formats/`.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr;

use crate::project::{CATALOG, Project, finish};

const FORMATS: [&str; 5] = ["human", "json", "sarif", "github", "markdown"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the commands that tell findings can be in: each with the words to get there.
fn situations() -> Vec<(&'static str, Project)> {
    let fresh = Project::new();
    let current = Project::new();
    assert_eq!(current.run(&["build"]).code, Some(0));
    let stale = Project::new();
    assert_eq!(stale.run(&["build"]).code, Some(0));
    stale.write("catalog/catalog.yaml", CATALOG.replace("0.5", "0.25"));
    let edited = Project::new();
    assert_eq!(edited.run(&["build"]).code, Some(0));
    let path = "generated/docker-compose.prod.yml";
    let text = edited.text(path).replace("nginx:1.27", "nginx:1.28");
    edited.write(path, text);
    let wrong = Project::with(
        CATALOG
            .replace("cpus: 0.5", "cpus: half")
            .replace("[\"8080:80\"]", "[\"8080:80\", \"8080:81\"]"),
    );
    let syntax = Project::with("project: [\n");
    let warned = Project::with(CATALOG.replace(
        "    healthcheck: { http: /, with: curl, interval: 30s }\n",
        "",
    ));
    let env = Project::new();
    env.write(".env.test", "NOT_KNOWN=1\nno line\n");
    vec![
        ("fresh", fresh),
        ("current", current),
        ("stale", stale),
        ("edited", edited),
        ("wrong", wrong),
        ("syntax", syntax),
        ("warned", warned),
        ("env", env),
    ]
}

/// The commands that tell findings, with the name of the schema of what they write. `build` comes last: it changes
/// what the others see.
const COMMANDS: [(&[&str], &str); 7] = [
    (&["check"], "findings"),
    (&["diff"], "diff"),
    (&["diff", "--summary"], "diff"),
    (&["diff", "test", "prod"], "diff"),
    (&["env", "check", "test"], "findings"),
    (&["build", "--mode", "test"], "build"),
    (&["build"], "build"),
];

#[test]
fn the_exit_status_is_the_same_in_every_format() {
    for format in FORMATS {
        for ((name, project), (_, human)) in situations().into_iter().zip(situations()) {
            for (command, _) in COMMANDS {
                let words = [command, &["--format", format]].concat();
                let (said, expected) = (project.run(&words), human.run(command));
                assert_eq!(said.code, expected.code, "{name}: {words:?}: {said:?}");
            }
        }
    }
}

fn sarif_schema() -> jsonschema::Validator {
    let text = fs::read_to_string(root().join("tests/schemas/sarif-2.1.0.json")).unwrap();
    let mut schema: Json = serde_json::from_str(&text).unwrap();
    // A bracket too many makes no expression of these two; the standard's own text has it right.
    for part in ["run", "toolComponent"] {
        schema["definitions"][part]["properties"]["language"]["pattern"] =
            Json::from("^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    }
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn what_could_not_be_done_is_a_document_too() {
    let project = Project::new();
    let run = |format: &str, words: &[&str]| {
        let said = project.run(&[words, &["--catalog", "gone", "--format", format]].concat());
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(
            said.err
                .starts_with("error: the catalog's folder `gone` is not there\n"),
            "{said:?}"
        );
        said.out
    };
    let schema: Json =
        serde_json::from_str(&Project::empty().run(&["schema", "error"]).out).unwrap();
    let schema = jsonschema::draft7::new(&schema).unwrap();
    for words in [
        &["check"][..],
        &["diff"],
        &["build"],
        &["list"],
        &["env", "init", "test"],
    ] {
        assert_eq!(run("human", words), "");
        let document: Json = serde_json::from_str(&run("json", words)).unwrap();
        assert!(schema.is_valid(&document), "{document}");
        assert_eq!(
            document["error"]["message"],
            "the catalog's folder `gone` is not there"
        );
    }
    let log: Json = serde_json::from_str(&run("sarif", &["check"])).unwrap();
    assert!(sarif_schema().is_valid(&log), "{log}");
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(
        invocation["toolExecutionNotifications"][0]["level"],
        "error"
    );
    assert_eq!(
        run("github", &["check"]),
        "::error title=composegen check::the catalog's folder `gone` is not there%0Ahelp: run this in the folder that \
         holds `catalog/`, or name it with `--catalog DIR`\n"
    );
    assert!(
        run("markdown", &["check"])
            .starts_with("### composegen check: could not be done\n\n```text\nerror: ")
    );
}

#[test]
fn sarif_is_as_its_schema_says() {
    let validator = sarif_schema();
    let mut results = 0;
    for (name, project) in situations() {
        for (command, _) in COMMANDS {
            let words = [command, &["--format", "sarif"]].concat();
            let said = project.run(&words);
            if said.code == Some(2) {
                continue;
            }
            let document: Json = serde_json::from_str(&said.out).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {words:?}: {errors:?}");
            let run = &document["runs"][0];
            assert_eq!(run["invocations"][0]["exitCode"], said.code.unwrap());
            results += run["results"].as_array().unwrap().len();
            let folder = project.root().to_str().unwrap();
            assert!(!said.out.contains(folder), "{name}: {words:?}");
        }
    }
    assert!(results > 20, "{results}");
}

#[test]
fn json_is_as_the_schemas_say_that_the_program_prints() {
    let print = |of: &str| Project::empty().run(&["schema", of]).out;
    let validator = |of: &str| {
        let schema: Json = serde_json::from_str(&print(of)).unwrap();
        jsonschema::draft7::meta::validate(&schema).unwrap();
        jsonschema::draft7::new(&schema).unwrap()
    };
    for (name, project) in situations() {
        for (command, of) in COMMANDS {
            let said = project.run(&[command, &["--format", "json"]].concat());
            if said.code == Some(2) {
                continue;
            }
            let document: Json = serde_json::from_str(&said.out).unwrap();
            let errors: Vec<String> = validator(of)
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name}: {command:?}: {errors:?}");
        }
    }
}

#[test]
fn what_import_writes_is_as_its_schema_says() {
    let schema: Json =
        serde_json::from_str(&Project::empty().run(&["schema", "import"]).out).unwrap();
    jsonschema::draft7::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let fine = "services:\n  db: { image: \"postgres:17\", environment: { DB_PASSWORD: not-real, A: \"${A}\" } }\n";
    let broken = format!(
        "{fine}  a: {{ image: a, ports: [\"80:80\"] }}\n  b: {{ image: b, ports: [\"80:80\"] }}\n"
    );
    let refused = format!("{fine}  a: {{ imgae: a }}\n");
    for (text, code, errors) in [
        (fine, 0, Some(0)),
        (&broken, 0, Some(1)),
        (&refused, 1, None),
    ] {
        let project = Project::empty();
        project.write("compose.yaml", text);
        let said = project.run(&["import", "--format", "json"]);
        assert_eq!((said.err.as_str(), said.code), ("", Some(code)));
        let document: Json = serde_json::from_str(&said.out).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(document["catalog"]["errors"].as_u64(), errors, "{document}");
        assert!(!said.out.contains("not-real"), "{document}");
        let mut other = document.clone();
        other["notes"] = Json::from("none");
        assert!(!validator.is_valid(&other));
    }
}

/// A schema that lets everything pass would hold nothing.
#[test]
fn the_schemas_refuse_what_is_something_else() {
    for of in ["findings", "build", "diff"] {
        let schema: Json =
            serde_json::from_str(&Project::empty().run(&["schema", of]).out).unwrap();
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let found = |level: &str| {
            serde_json::json!({ "findings": [{
                "rule": "x", "level": level, "message": "m", "file": null, "line": null, "column": null,
                "end_column": null, "path": null, "service": null, "also": [], "modes": [], "second": null, "way": null,
                "help": null, "hides": 0
            }], "errors": 1, "warnings": 0 })
        };
        assert!(validator.is_valid(&found("error")), "{of}");
        assert!(!validator.is_valid(&found("terrible")), "{of}");
        assert!(!validator.is_valid(&serde_json::json!({})), "{of}");
    }
}

#[test]
fn the_kept_schemas_of_what_is_written_are_as_kept() {
    for of in ["findings", "build", "diff", "import", "error"] {
        let path = root().join(format!("docs/schemas/{of}.schema.json"));
        let text = Project::empty().run(&["schema", of]).out;
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == text,
            "docs/schemas/{of}.schema.json is not current: run `make bless`"
        );
    }
}

#[test]
fn commands_that_tell_no_findings_say_which_formats_they_have() {
    let project = Project::new();
    for (command, words) in [
        ("list", &["list"][..]),
        ("show", &["show", "web"]),
        ("budget", &["budget"]),
        ("ports", &["ports"]),
        ("explain", &["explain"]),
        ("import", &["import"]),
        ("env init", &["env", "init", "test"]),
    ] {
        for format in ["sarif", "github", "markdown"] {
            let said = project.run(&[words, &["--format", format]].concat());
            let expected = format!(
                "error: `composegen {command}` has no format `{format}`\n  help: it writes `human` and `json`\n"
            );
            assert_eq!((said.err, said.code), (expected, Some(2)));
        }
    }
    let said = project.run(&["graph", "--mode", "test", "--format", "sarif"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("invalid value 'sarif'"), "{}", said.err);
}

#[test]
fn a_format_may_stand_before_the_command() {
    let project = Project::new();
    let before = project.run(&["--format", "sarif", "check"]);
    assert_eq!(before, project.run(&["check", "--format", "sarif"]));
}

#[test]
fn source_lines_fit_every_terminal() {
    let long = format!("{}: \"\t日本 {}\"\n", "long".repeat(30), "word ".repeat(60));
    let project = Project::with(format!(
        "{CATALOG}{long}more: \"日本\t{}\"\n",
        "é".repeat(200)
    ));
    for columns in ["20", "21", "40", "80", "0", "", "wide", "-1", "100000"] {
        for color in ["never", "always"] {
            let mut command = project.command(&["check", "--color", color]);
            command.env("COLUMNS", columns);
            let said = finish(command);
            assert_eq!(said.code, Some(1), "{columns}");
            let most = columns
                .parse()
                .ok()
                .filter(|width| *width > 0)
                .unwrap_or(110);
            let excerpts = said
                .out
                .lines()
                .filter(|line| line.contains(" |") || line.contains("|\u{1b}[0m "));
            let widths: Vec<usize> = excerpts.map(|line| without_color(line).width()).collect();
            assert!(widths.len() >= 3, "{}", said.out);
            // A line has its number and 20 columns at least.
            let most: usize = most.max("31 | ".len() + 20);
            let widest = widths.into_iter().max().unwrap_or(0);
            assert!(widest <= most, "{columns}: {widest}\n{}", said.out);
            assert!(!said.out.contains('\t'));
        }
    }
}

fn without_color(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').map_or("", |(_, text)| text));
    rest.fold(first, |all, part| all + part)
}

#[test]
fn annotations_count_paths_from_the_root_of_the_repository() {
    let project = Project::empty();
    project.write(
        "stacks/my home/catalog/catalog.yaml",
        CATALOG.replace("cpus: 0.5", "cpus: half"),
    );
    fs::create_dir(project.path(".git")).unwrap();
    let run = |folder: &str, catalog: &str, format: &str| {
        let mut command = project.command(&["check", "--catalog", catalog, "--format", format]);
        command.current_dir(project.path(folder));
        finish(command).out
    };
    let absolute = project.path("stacks/my home/catalog");
    for (folder, catalog) in [
        (".", "stacks/my home/catalog"),
        ("stacks/my home", "catalog"),
        ("stacks/my home/catalog", "."),
        ("stacks", "my home/../my home/catalog"),
        ("stacks", absolute.to_str().unwrap()),
    ] {
        let said = run(folder, catalog, "github");
        let expected = "::error file=stacks/my home/catalog/catalog.yaml,line=13,";
        assert!(said.starts_with(expected), "{folder} {catalog}: {said}");
        let said = run(folder, catalog, "sarif");
        let expected = "\"uri\": \"stacks/my%20home/catalog/catalog.yaml\"";
        assert!(said.contains(expected), "{folder} {catalog}: {said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let project = Project::with(format!("{CATALOG}{}", "x: 1\n".repeat(1_000)));
    for format in FORMATS {
        let mut command = project.command(&["check", "--format", format]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("cannot be written"), "{format}: {said}");
    }
}
