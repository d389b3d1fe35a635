//! The command line: help pages, mistakes in what was typed, the two formats, colour, exit statuses.

use serde_json::Value;

use crate::golden::snapshot;
use crate::project::{CATALOG, Project, Said, finish};

const COMMANDS: [&str; 23] = [
    "init",
    "build",
    "diff",
    "check",
    "show",
    "env",
    "list",
    "graph",
    "budget",
    "ports",
    "deploy",
    "switch",
    "down",
    "status",
    "rollback",
    "releases",
    "hook",
    "schema",
    "explain",
    "validate",
    "import",
    "completions",
    "man",
];

/// What a run said with an exit status that is none of the first two.
fn failed(err: &str) -> Said {
    Said {
        out: String::new(),
        err: err.to_owned(),
        code: Some(2),
    }
}

fn built() -> Project {
    let project = Project::new();
    assert_eq!(project.run(&["build"]).code, Some(0));
    project
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let said = project.run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.err, "", "{arguments:?}");
    serde_json::from_str(&said.out)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", said.out))
}

/// The keys of an object, in their order.
fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn every_command_has_a_help_page() {
    let project = Project::empty();
    let page = |arguments: &[&str], name: &str| {
        let said = project.run(arguments);
        assert_eq!(
            (said.err.as_str(), said.code),
            ("", Some(0)),
            "{arguments:?}"
        );
        snapshot(&format!("help/{name}.txt"), &said.out);
        let too_wide = said.out.lines().find(|line| line.chars().count() > 120);
        assert_eq!(too_wide, None);
    };
    page(&["--help"], "composegen");
    page(&["-h"], "composegen-short");
    for command in COMMANDS {
        page(&[command, "--help"], command);
    }
    for (words, page) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "check"], &["check", "--help"]),
        (&["help", "env", "check"], &["env", "check", "--help"]),
    ] {
        assert_eq!(project.run(words), project.run(page), "{words:?}");
    }
    page(&["env", "init", "--help"], "env-init");
    page(&["env", "check", "--help"], "env-check");
    page(&["hook", "install", "--help"], "hook-install");
    page(&["hook", "uninstall", "--help"], "hook-uninstall");
    let listed = project.run(&["--help"]).out;
    for command in COMMANDS {
        assert!(listed.contains(&format!("\n  {command} ")), "{command}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let said = Project::empty().run(&["--version"]);
    assert_eq!(
        said.out,
        concat!("composegen ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn what_cannot_be_typed_is_refused_with_the_nearest() {
    let project = Project::empty();
    let table: &[&[&str]] = &[
        &[],
        &["bild"],
        &["frobnicate"],
        &["build", "--mdoe", "test"],
        &["build", "--mode"],
        &["build", "extra"],
        &["show"],
        &["check", "--format", "jsno"],
        &["check", "--color", "sometimes"],
        &["check", "--mode", "test"],
        &["build", "--staged", "--stdout"],
        &["help", "chek"],
    ];
    let mut text = String::new();
    for arguments in table {
        let said = project.run(arguments);
        assert_eq!(
            (said.out.as_str(), said.code),
            ("", Some(2)),
            "{arguments:?}"
        );
        text.push_str(&format!(
            "$ composegen {}\n{}\n",
            arguments.join(" "),
            said.transcript()
        ));
    }
    snapshot("cli/typed-wrong.txt", &text);
}

#[test]
fn names_that_the_catalog_does_not_have_are_refused_with_the_nearest() {
    let project = Project::new();
    let table: [(&[&str], &str); 9] = [
        (
            &["build", "--mode", "tset"],
            "error: there is no mode `tset`\n  help: did you mean `test`?\n",
        ),
        (
            &["build", "--mode", "staging"],
            "error: there is no mode `staging`\n  help: there is `test`, `prod` and `production`\n",
        ),
        (
            &["diff", "--mode", "productoin"],
            "error: there is no mode `productoin`\n  help: did you mean `production`?\n",
        ),
        (
            &["build", "--host", "nucc"],
            "error: there is no host `nucc`\n  help: did you mean `nuc`?\n",
        ),
        (
            &["list", "--host", "server"],
            "error: there is no host `server`\n  help: there is `nuc` and `big`\n",
        ),
        (
            &["show", "wbe"],
            "error: there is no service `wbe`\n  help: did you mean `web`?\n",
        ),
        (
            &["show", "web", "--mode", "x"],
            "error: there is no mode `x`\n  help: there is `test`, `prod` and `production`\n",
        ),
        (
            &["explain", "port-conflit"],
            "error: there is no rule `port-conflit`\n  help: did you mean `port-conflict`?\n",
        ),
        (
            &["explain", "nonsense"],
            "error: there is no rule `nonsense`\n  help: `composegen explain` lists all rules\n",
        ),
    ];
    for (arguments, err) in table {
        assert_eq!(project.run(arguments), failed(err), "{arguments:?}");
    }
    assert!(!project.path("generated").exists());
}

#[test]
fn a_missing_catalog_is_said_by_every_command_that_needs_one() {
    let project = Project::empty();
    let err = "error: the catalog's folder `catalog` is not there\n  \
               help: run this in the folder that holds `catalog/`, or name it with `--catalog DIR`\n";
    for arguments in [
        &["build"][..],
        &["diff"],
        &["check"],
        &["show", "web"],
        &["list"],
        &["budget"],
        &["ports"],
    ] {
        assert_eq!(project.run(arguments), failed(err), "{arguments:?}");
    }
    for arguments in [&["schema"][..], &["explain"]] {
        assert_eq!(project.run(arguments).code, Some(0), "{arguments:?}");
    }
}

#[test]
fn a_mode_and_its_alias_are_one() {
    let project = built();
    let prod = project.run(&["build", "--mode", "prod", "--stdout"]);
    assert!(prod.out.contains("\nname: demo-prod\n"), "{}", prod.out);
    assert_eq!(
        project.run(&["build", "--mode", "production", "--stdout"]),
        prod
    );
    let both = project.run(&[
        "build",
        "--mode",
        "production",
        "--mode",
        "prod",
        "--stdout",
    ]);
    assert_eq!(both, prod);
    assert_eq!(
        project.run(&["show", "web", "--mode", "production"]),
        project.run(&["show", "web", "--mode", "prod"])
    );
}

#[test]
fn several_modes_are_several_documents_in_the_catalogs_order() {
    let project = Project::new();
    let all = project.run(&["build", "--stdout"]);
    let named = project.run(&["build", "--stdout", "--mode", "prod", "--mode", "test"]);
    assert_eq!(all, named);
    let documents: Vec<&str> = all.out.split("---\n").collect();
    assert_eq!(documents.len(), 3);
    assert_eq!(documents[0], "");
    assert!(documents[1].contains("\nname: demo-test\n"));
    assert!(documents[2].contains("\nname: demo-prod\n"));
    assert_eq!((all.err.as_str(), all.code), ("", Some(0)));
    assert!(!project.path("generated").exists());
}

#[test]
fn one_mode_alone_is_written_alone() {
    let project = Project::new();
    assert_eq!(project.run(&["build", "--mode", "test"]).code, Some(0));
    assert!(project.path("generated/docker-compose.test.yml").is_file());
    assert!(!project.path("generated/docker-compose.prod.yml").exists());
    let one = project.run(&["build", "--mode", "test", "--stdout"]).out;
    assert_eq!(one, project.text("generated/docker-compose.test.yml"));
}

#[test]
fn exit_statuses_say_fine_findings_and_failed() {
    let project = Project::new();
    let code = |arguments: &[&str]| project.run(arguments).code;
    assert_eq!((code(&["check"]), code(&["diff"])), (Some(1), Some(1)));
    assert_eq!(code(&["build"]), Some(0));
    assert_eq!((code(&["check"]), code(&["diff"])), (Some(0), Some(0)));
    project.write("catalog/catalog.yaml", CATALOG.replace("0.5", "0.25"));
    assert_eq!((code(&["check"]), code(&["diff"])), (Some(1), Some(1)));
    project.write(
        "catalog/catalog.yaml",
        CATALOG.replace("cpus: 0.5", "cpus: half"),
    );
    for arguments in [
        &["build"][..],
        &["build", "--stdout"],
        &["check"],
        &["diff"],
    ] {
        assert_eq!(code(arguments), Some(1), "{arguments:?}");
    }
    project.write("catalog/catalog.yaml", "project: [");
    for arguments in [
        &["build"][..],
        &["check"],
        &["diff"],
        &["list"],
        &["show", "web"],
        &["budget"],
        &["ports"],
    ] {
        assert_eq!(code(arguments), Some(1), "{arguments:?}");
    }
}

#[test]
fn a_warning_is_told_and_stops_nothing() {
    let project = Project::with(CATALOG.replace(
        "    healthcheck: { http: /, with: curl, interval: 30s }\n",
        "",
    ));
    let build = project.run(&["build"]);
    assert_eq!(build.code, Some(0));
    assert!(
        build.err.contains("warning[healthcheck-missing]: "),
        "{}",
        build.err
    );
    let check = project.run(&["check"]);
    assert_eq!(check.code, Some(0));
    assert!(check.out.ends_with("1 warning\n"), "{}", check.out);
}

#[test]
fn the_catalog_may_lie_elsewhere() {
    let project = Project::empty();
    project.write("stacks/home/catalog/catalog.yaml", CATALOG);
    let said = project.run(&["--catalog", "stacks/home/catalog", "build"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        project
            .path("stacks/home/generated/docker-compose.test.yml")
            .is_file()
    );
    assert!(!project.path("generated").exists());
    let text = project.text("stacks/home/generated/docker-compose.test.yml");

    let mut inside = project.command(&["build"]);
    inside.current_dir(project.path("stacks/home"));
    let inside = finish(inside);
    assert_eq!(inside.code, Some(0));
    assert!(inside.err.contains("nothing changed"), "{inside:?}");

    let folder = project.path("stacks/home/catalog");
    let mut absolute = project.command(&["build", "--catalog", folder.to_str().unwrap()]);
    absolute.current_dir("/");
    assert_eq!(finish(absolute).code, Some(0));
    let mut deep = project.command(&["build", "--catalog", "."]);
    deep.current_dir(&folder);
    assert_eq!(finish(deep).code, Some(0));
    let mut above = project.command(&["build", "--catalog", "../catalog/"]);
    above.current_dir(&folder);
    assert_eq!(finish(above).code, Some(0));
    assert_eq!(
        project.text("stacks/home/generated/docker-compose.test.yml"),
        text
    );
    assert!(!folder.join("generated").exists());
}

#[test]
fn findings_name_files_as_the_folder_was_named() {
    let project = Project::empty();
    project.write(
        "a/catalog/catalog.yaml",
        CATALOG.replace("cpus: 0.5", "cpus: half"),
    );
    let said = project.run(&["check", "--catalog", "./a/catalog"]);
    assert!(
        said.out.contains(" a/catalog/catalog.yaml:13:11 "),
        "{}",
        said.out
    );
}

#[test]
fn colour_is_used_where_it_is_asked_for_alone() {
    let project = Project::with(CATALOG.replace("cpus: 0.5", "cpus: half"));
    let has_color = |arguments: &[&str], no_color: bool| {
        let mut command = project.command(arguments);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let said = finish(command);
        said.out.contains('\u{1b}') || said.err.contains('\u{1b}')
    };
    let table: [(&[&str], bool, bool); 8] = [
        (&["check"], false, false),
        (&["check", "--color", "auto"], false, false),
        (&["check", "--color", "never"], false, false),
        (&["check", "--color", "always"], false, true),
        (&["check", "--color", "always"], true, true),
        (&["build", "--color", "always"], false, true),
        (
            &["check", "--color", "always", "--format", "json"],
            false,
            false,
        ),
        (&["show", "wbe", "--color", "always"], false, true),
    ];
    for (arguments, no_color, expected) in table {
        assert_eq!(has_color(arguments, no_color), expected, "{arguments:?}");
    }
    let plain = project.run(&["check"]).out;
    let colored = project.run(&["check", "--color", "always"]).out;
    assert_eq!(without_color(&colored), plain);
}

fn without_color(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').map_or("", |(_, text)| text));
    rest.fold(first, |all, part| all + part)
}

#[test]
fn json_of_check_has_stable_fields() {
    let project = built();
    snapshot(
        "cli/check-fine.json",
        &project.run(&["check", "--format", "json"]).out,
    );
    project.write(
        "catalog/catalog.yaml",
        CATALOG
            .replace("cpus: 0.5", "cpus: half")
            .replace("image: nginx", "imge: nginx"),
    );
    snapshot(
        "cli/check-findings.json",
        &project.run(&["check", "--format", "json"]).out,
    );
    project.write("catalog/catalog.yaml", "project: [");
    snapshot(
        "cli/check-syntax.json",
        &project.run(&["check", "--format", "json"]).out,
    );
    json(&project, &["check"]);
}

#[test]
fn json_of_build_has_stable_fields() {
    let project = Project::new();
    snapshot(
        "cli/build.json",
        &project.run(&["build", "--format", "json"]).out,
    );
    let again = json(&project, &["build"]);
    assert_eq!(
        keys(&again),
        ["files", "modes", "findings", "errors", "warnings"]
    );
    assert_eq!(again["files"][0]["state"], "unchanged");
    assert_eq!(again["modes"][0]["memory"], 192 << 20);
    assert_eq!(again["modes"][0]["cpus"], 600);
    project.write(
        "catalog/catalog.yaml",
        CATALOG.replace("cpus: 0.5", "cpus: half"),
    );
    let said = project.run(&["build", "--format", "json"]);
    assert_eq!(said.code, Some(1));
}

#[test]
fn json_of_the_other_commands_has_stable_fields() {
    let project = Project::new();
    for (arguments, name) in [
        (&["list"][..], "list"),
        (&["show", "web"], "show"),
        (&["show", "homes", "--mode", "prod"], "show-absent"),
        (&["explain", "bad-port"], "explain-one"),
        (
            &["budget", "--mode", "test", "--what-if", "web.memory=256M"],
            "budget",
        ),
        (&["ports"], "ports"),
    ] {
        let value = json(&project, arguments);
        snapshot(&format!("cli/{name}.json"), &format!("{value:#}\n"));
    }
    let diff = json(&project, &["diff"]);
    assert_eq!(keys(&diff), ["files", "findings", "errors", "warnings"]);
    assert_eq!(keys(&diff["files"][0]), ["path", "state", "diff"]);
    let rules = json(&project, &["explain"]);
    for rule in rules.as_array().unwrap() {
        assert_eq!(keys(rule), ["rule", "level", "waivable", "summary"]);
    }
    assert_eq!(
        rules.as_array().unwrap().len(),
        composegen::rule::Rule::ALL.len()
    );
    let schema: Value = serde_json::from_str(&project.run(&["schema"]).out).unwrap();
    assert!(keys(&schema).contains(&"$schema"));
}

#[test]
fn every_rule_has_its_page() {
    let project = Project::empty();
    for rule in composegen::rule::Rule::ALL {
        let said = project.run(&["explain", rule.name()]);
        assert!(
            said.out.starts_with(&format!("# {}\n", rule.name())),
            "{}",
            rule.name()
        );
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
    }
    let list = project.run(&["explain"]).out;
    assert_eq!(list.lines().count(), composegen::rule::Rule::ALL.len());
}

#[test]
fn the_bars_of_budget_fit_the_terminal() {
    let project = Project::new();
    let said = |columns: &str| {
        let mut command = project.command(&["budget", "--mode", "test"]);
        command.env("COLUMNS", columns);
        finish(command)
    };
    for (columns, width) in [("60", 60), ("80", 80), ("132", 132), ("wide", 80), ("", 80)] {
        let said = said(columns);
        assert_eq!(said.code, Some(0));
        let longest = said.out.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{columns}:\n{}", said.out);
        assert!(said.out.contains('█'), "{columns}:\n{}", said.out);
    }
    assert_eq!(said("80"), project.run(&["budget", "--mode", "test"]));
    let narrow = said("1");
    assert!(narrow.out.contains("web") && !narrow.out.contains('█'));
    // Nobody knows the width.
    assert_eq!(said("0"), said(""));
}
