//! `composegen validate` on what nobody means well with: it ends, and says where. What it says of a usual mistake is a
//! golden case.

use super::project::{Project, Said, finish};

/// Runs it on one file.
fn validated(text: &str) -> Said {
    let project = Project::empty();
    project.write("compose.yaml", text);
    project.run(&["validate"])
}

#[track_caller]
fn assert_finds(text: &str, part: &str) {
    let said = validated(text);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains(part), "{}", said.out);
}

/// Lines made from numbers.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| line(number) + "\n").collect()
}

#[test]
fn bombs_of_aliases_and_merges_are_refused() {
    let double = lines(40, |at| match at {
        0 => "x-a0: &a0 [x, x]".to_owned(),
        at => format!("x-a{at}: &a{at} [*a{0}, *a{0}]", at - 1),
    });
    assert_finds(&double, "makes the file too large");
    let many = |at: usize| vec![format!("*a{}", at - 1); 9].join(", ");
    let merged = lines(60, |at| match at {
        0 => "x-a0: &a0 {k: v}".to_owned(),
        at => format!("x-a{at}: &a{at} {{<<: [{}]}}", many(at)),
    });
    assert_finds(&merged, "makes the file too large");
}

#[test]
fn what_is_deep_or_long_ends() {
    assert_finds(
        &format!("services: {}", "[".repeat(10_000)),
        "nested deeper",
    );
    let nested = format!("{}{}", "${A:-".repeat(10_000), "}".repeat(10_000));
    assert_finds(
        &format!("services: {{ a: {{ image: \"{nested}\" }} }}\n"),
        "64 deep",
    );
    let values = "a,".repeat(600_000);
    assert_finds(&format!("x-y: [{values}]"), "more values than any");
    let said = validated(&"#".repeat(5 << 20));
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("is larger than 4 MiB"), "{}", said.err);
}

#[test]
fn thousands_of_services_are_read_and_thousands_of_findings_are_not_told() {
    let chain = lines(3_000, |at| {
        format!(
            "  s{at}: {{ image: \"x:${{T{at}:-1}}\", depends_on: [s{}] }}",
            at + 1
        )
    });
    let said = validated(&format!("services:\n{chain}  s3000: {{ image: x:1 }}\n"));
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
    let wrong = lines(1_000, |at| format!("  s{at}: {{ image: x:1, foo{at}: 1 }}"));
    let said = validated(&format!("services:\n{wrong}"));
    assert!(said.out.contains("250 invalid"), "{}", said.out);
    assert!(
        said.err.contains("\n750 findings more not shown"),
        "{}",
        said.err
    );
}

#[test]
fn more_services_than_fit_into_memory_are_refused() {
    let many = lines(50_001, |at| format!("  s{at}: {{}}"));
    let part = "there are 50001 services, and 50000 can be judged";
    assert_finds(&format!("services:\n{many}"), part);
}

/// Each with thousands of names to compare it with, which would take minutes.
#[test]
fn thousands_of_misspelt_names_end() {
    let wrong = lines(8_000, |at| {
        format!(
            "  service{at}: {{ image: x:1, depends_on: [serviceq{at}], volumes: [\"volumeq{at}:/v\"] }}"
        )
    });
    let volumes = lines(8_000, |at| format!("  volume{at}:"));
    let said = validated(&format!("services:\n{wrong}volumes:\n{volumes}"));
    assert!(said.out.contains("did you mean"), "{}", said.out);
    assert!(said.out.contains("250 invalid"), "{}", said.out);
    let wrong = lines(8_000, |at| {
        format!("  service{at}: {{ image: x:1, extends: serviceq{at} }}")
    });
    assert_finds(&format!("services:\n{wrong}"), "250 invalid");
}

/// Their variables are read once, not once for each.
#[test]
fn hundreds_of_files_that_are_included_with_one_large_env_file_are_read() {
    let project = Project::empty();
    project.write("large.env", lines(50_000, |at| format!("V{at}=value{at}")));
    for at in 0..500 {
        let text = format!("services: {{ s{at}: {{ image: \"x:${{V{at}}}\" }} }}\n");
        project.write(&format!("{at}.yaml"), &text);
    }
    let all = lines(500, |at| {
        format!("  - {{ path: {at}.yaml, env_file: large.env }}")
    });
    project.write("compose.yaml", format!("include:\n{all}"));
    let said = project.run(&["validate"]);
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
}

/// Each word of it once took room for all of it, and each address a look at all of it.
#[test]
fn texts_full_of_passwords_and_addresses_end() {
    let passwords = "PASSWORD=hunter2 ".repeat(20_000);
    let addresses = lines(20_000, |at| format!("http://s{at}:80")).replace('\n', " ");
    let names = "a_".repeat(50_000);
    let text = format!(
        "name: \"{names}PASSWORD=\"\nservices:\n  a:\n    image: x:1\n    command: [\"{passwords}\"]\n    \
         cap_add: [\"{passwords}\"]\n    environment: {{ A: \"{addresses}\" }}\n"
    );
    let project = Project::empty();
    project.write("compose.yaml", text);
    let said = project.run(&["validate", "--policy"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("written out"), "{}", said.out);
    assert!(!said.out.contains("hunter2"), "{}", said.out);
}

#[test]
fn what_is_included_may_not_grow_without_end() {
    let project = Project::empty();
    let many = lines(2_000, |at| {
        format!("  s{at}: {{ image: x:1, environment: {{ V: \"${{V{at}:-{at}}}\" }} }}")
    });
    project.write("many.yaml", format!("services:\n{many}"));
    let again = lines(300, |_| "  - many.yaml".to_owned());
    project.write("compose.yaml", format!("include:\n{again}"));
    let said = project.run(&["validate"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("more than a million"), "{}", said.out);
    assert!(said.out.contains("1 invalid"), "{}", said.out);
    let few = lines(10, |_| "  - many.yaml".to_owned());
    project.write("compose.yaml", format!("include:\n{few}"));
    let said = project.run(&["validate"]);
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
    let names = vec!["many.yaml"; 300];
    let said = project.run(&[&["validate"], names.as_slice()].concat());
    assert!(said.out.contains("more than a million"), "{}", said.out);
}

/// Each of them is taken over once, not once for every file behind it.
#[test]
fn hundreds_of_files_that_are_included_with_many_services_are_read() {
    let project = Project::empty();
    for file in 0..600 {
        let services = lines(50, |at| format!("  s{file}-{at}: {{ image: x:1 }}"));
        project.write(&format!("{file}.yaml"), format!("services:\n{services}"));
    }
    let all = lines(600, |at| format!("  - {at}.yaml"));
    project.write("compose.yaml", format!("include:\n{all}"));
    let said = project.run(&["validate"]);
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
}

/// Two long maps that say the same in another order are compared in one go.
#[test]
fn one_service_of_two_files_is_compared_in_whatever_order() {
    let project = Project::empty();
    let of = |number: &dyn Fn(usize) -> usize| {
        let all = lines(30_000, |at| format!("      V{}: x", number(at)));
        format!("services:\n  a:\n    image: x:1\n    environment:\n{all}")
    };
    project.write("a.yaml", of(&|at| at));
    project.write("b.yaml", of(&|at| 29_999 - at));
    project.write("compose.yaml", "include: [a.yaml, b.yaml]\n");
    let said = project.run(&["validate"]);
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
}

/// In a folder each further below, so that its paths are moved as often.
#[test]
fn files_that_include_each_other_in_folders_end() {
    let project = Project::empty();
    for depth in 0..60 {
        let path = format!("{}c.yaml", "d/".repeat(depth));
        project.write(&path, "include: [d/c.yaml]\n");
    }
    let many = lines(5_000, |at| {
        format!("  s{at}: {{ build: ., env_file: a, volumes: [\"./a:/b\"] }}")
    });
    let path = format!("{}c.yaml", "d/".repeat(60));
    project.write(&path, format!("services:\n{many}"));
    let said = project.run(&["validate", "c.yaml"]);
    assert!(said.out.contains("more than a million"), "{}", said.out);
    assert!(said.out.contains("1 invalid"), "{}", said.out);
}

#[test]
fn what_services_extend_may_not_grow_without_end() {
    let chain = lines(3_000, |at| {
        format!(
            "  s{at}: {{ extends: s{}, environment: {{ V{at}: x }} }}",
            at + 1
        )
    });
    let text = format!("services:\n{chain}  s3000: {{ image: x:1 }}\n");
    assert_finds(&text, "more than a million values");
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_never_opened() {
    let project = Project::empty();
    let pipe = project.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        super::skipped("pipes in place of files: there is no `mkfifo` here");
        return;
    }
    for path in ["pipe", "/dev/zero"] {
        let text = format!(
            "include: [{path}]\nservices:\n  a: {{ extends: {{ file: {path}, service: a }} }}\n"
        );
        project.write("compose.yaml", &text);
        let said = project.run(&["validate"]);
        assert!(said.out.contains("2 invalid"), "{said:?}");
        let text = format!("services:\n  a: {{ image: x:1, env_file: {path} }}\n");
        project.write("compose.yaml", &text);
        let said = project.run(&["validate"]);
        assert!(said.out.contains("is no regular file"), "{said:?}");
        let said = project.run(&["validate", "--env-file", path]);
        assert_eq!(said.code, Some(2), "{said:?}");
    }
}

#[test]
fn files_that_include_each_other_end() {
    let project = Project::empty();
    for at in 0..80 {
        let text = format!("include: [{0}.yaml, {{ path: {0}.yaml }}]\n", at + 1);
        project.write(&format!("{at}.yaml"), &text);
    }
    project.write("80.yaml", "services: { a: { image: x:1 } }\n");
    let said = project.run(&["validate", "0.yaml"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("include"), "{}", said.out);
    // What the last of them holds is not looked up, which is no ground to call all of them empty.
    assert!(!said.out.contains("empty"), "{}", said.out);
}

/// Compose fetches it, and can tell nothing here without a network.
#[test]
fn what_stands_elsewhere_is_neither_fetched_nor_missed() {
    let address = [
        "https://github.com/example/parts.git#main:parts.yaml",
        "git@github.com:example/parts.git",
        "github.com/example/parts",
        "oci://registry.example.com/parts:1",
    ];
    let extends = lines(address.len(), |at| {
        let file = address[at];
        format!("  s{at}: {{ extends: {{ file: \"{file}\", service: web }} }}")
    });
    let said = validated(&format!("services:\n{extends}"));
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
    // The healthcheck that `web` waits for may stand there, too.
    let db = format!(
        "  db: {{ image: \"postgres:16\", extends: {{ file: \"{}\", service: db }} }}\n",
        address[0]
    );
    let wait = "depends_on: { db: { condition: service_healthy } }";
    let web = format!("  web: {{ image: \"x:1\", {wait} }}\n");
    let said = validated(&format!("services:\n{db}{web}"));
    assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
    let needs = "depends_on: [db], networks: [back], secrets: [login], configs: [site], volumes: [\"data:/data\"]";
    for file in address {
        let include = format!("include: [\"{file}\"]\n");
        let service = format!("services: {{ a: {{ image: \"x:1\", {needs} }} }}\n");
        for text in [include.clone(), include + &service] {
            let said = validated(&text);
            assert_eq!((said.out.as_str(), said.code), ("no findings\n", Some(0)));
        }
    }
}

#[test]
fn a_platform_that_only_the_environment_names_is_not_judged() {
    let build = "build: { context: ., platforms: [linux/amd64, \"${OTHER}\"] }";
    let said = validated(&format!(
        "services: {{ a: {{ platform: linux/arm64, {build} }} }}\n"
    ));
    assert!(!said.out.contains("key-conflict"), "{}", said.out);
}

#[test]
fn the_files_of_a_parent_folder_are_found() {
    let project = Project::empty();
    project.write("docker-compose.yml", "services: { a: { imgae: x:1 } }\n");
    project.write("below/deeper/keep", "");
    let mut command = project.command(&["validate"]);
    command.current_dir(project.path("below/deeper"));
    let said = finish(command);
    assert!(
        said.out.contains("--> ../../docker-compose.yml:1:18"),
        "{said:?}"
    );
}

#[test]
fn the_env_file_beside_them_is_read() {
    let project = Project::empty();
    let text = "services: { a: { image: \"x:1\", mem_limit: \"${LIMIT:-none}\" } }\n";
    project.write("compose.yaml", text);
    project.write(".env", "LIMIT=64m\n");
    project.write("below/keep", "");
    let below = || {
        let mut command = project.command(&["validate"]);
        command.current_dir(project.path("below"));
        finish(command)
    };
    let said = below();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.err
            .starts_with("read `../compose.yaml`; variables of `../.env`\n"),
        "{said:?}"
    );
    // Compose takes the one of the current folder before it.
    project.write("below/.env", "LIMIT=much\n");
    let said = below();
    assert!(said.out.contains("bad-size"), "{said:?}");
}

#[test]
fn a_folder_in_place_of_the_env_file_is_passed_over_where_nobody_named_it() {
    let project = Project::empty();
    let text = "services: { a: { image: \"x:1\", mem_limit: \"${LIMIT:-64m}\" } }\n";
    project.write("compose.yaml", text);
    project.write(".env/pyvenv.cfg", "version = 3.12\n");
    let said = project.run(&["validate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.err.contains(".env"), "{said:?}");
    let said = project.run(&["validate", "--env-file", ".env"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("`.env` is a folder"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_no_env_file() {
    let project = Project::empty();
    project.write("compose.yaml", "services: { a: { image: \"x:1\" } }\n");
    std::os::unix::fs::symlink("nowhere", project.path(".env")).unwrap();
    let said = project.run(&["validate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = project.run(&["validate", "--env-file", ".env"]);
    assert_eq!(said.code, Some(2), "{said:?}");
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let project = Project::empty();
    project.write("part.yaml", "services: { b: { imgae: \"x:1\" } }\n");
    project.write(
        "text",
        "include: [part.yaml]\nservices: { a: { imgae: \"x:1\" } }\n",
    );
    let with = |path: &str| {
        let mut command = project.command(&["validate", "-"]);
        command.stdin(std::fs::File::open(project.path(path)).unwrap());
        finish(command)
    };
    let said = with("text");
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("--> <stdin>:2:18"), "{said:?}");
    assert!(said.out.contains("--> part.yaml:1:18"), "{said:?}");
    if cfg!(unix) {
        let said = with("/dev/zero");
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("larger than 4 MiB"), "{said:?}");
    }
}

#[test]
fn what_the_other_mode_takes_from_its_env_file_is_known_and_not_told() {
    let project = Project::with(
        "project: demo\nhosts: { nuc: { memory: 4GiB, cpus: 4 } }\nmodes:\n  \
         test: { class: test, values: { ha: \"http://ha:8123\", key: \"${KEY}\" } }\n  \
         prod: { class: production, values: { ha: \"${HA}\", key: \"${KEY}\" } }\n\
         variables:\n  HA: { modes: [prod], description: x }\n  \
         KEY: { secret: true, description: x }\nservices:\n  \
         web: { role: core, image: \"x:1\", memory: 8M, cpus: 0.1, healthcheck: image, \
         environment: { HA: \"{{ ha }}\", KEY: } }\n",
    );
    project.write(".env.prod", "HA=http://hidden-host:8123\nKEY=hidden-key\n");
    project.write(
        "compose.yaml",
        "services:\n  web:\n    image: x:1\n    environment:\n      \
         URL: ${URL:-http://hidden-host:8123/api}\n      OTHER: hidden-key\n",
    );
    let said = project.run(&["validate", "--mode", "test"]);
    let expected =
        "the address in the default of `URL` has the host that `ha` has in the mode `prod`";
    assert!(said.out.contains(expected), "{said:?}");
    assert!(said.out.ends_with("\n1 broken\n"), "{said:?}");
    let said = project.run(&["validate", "--mode", "prod"]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn thousands_of_services_with_matters_of_policy_end_and_hide_nothing_that_is_broken() {
    // What is broken stands behind more matters of policy than are kept.
    let many = lines(3_000, |at| {
        format!("  s{at}: {{ image: x, profiles: [p{}] }}", at % 200)
    });
    let last =
        "  y: { image: \"x:1\", ports: [\"1:1\"] }\n  z: { image: \"x:1\", ports: [\"1:1\"] }\n";
    let said = validated(&format!("services:\n{many}{last}"));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.ends_with("1 broken\n"), "{}", said.out);
    assert!(
        said.err
            .ends_with("matters of policy not shown: --policy shows them\n"),
        "{}",
        said.err
    );
}

#[test]
fn no_value_of_an_env_file_is_told_by_a_rule() {
    let project = Project::empty();
    project.write(
        "compose.yaml",
        "services:\n  db: { image: \"postgres:16\", ports: [\"5433:5432\"] }\n  \
         api: { image: \"x:1\", environment: { URL: \"${URL}\", PASSWORD: \"${PASSWORD}\" } }\n",
    );
    project.write(
        ".env",
        "URL=postgres://hidden-name:hidden-word@db:5433/hidden-base\nPASSWORD=hidden-word\n",
    );
    for format in ["human", "json", "sarif", "github", "markdown"] {
        let said = project.run(&["validate", "--policy", "--format", format]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.out.contains("peer-port"), "{}", said.out);
        assert!(!format!("{said:?}").contains("hidden"), "{said:?}");
        // What came in through a variable is not written out.
        assert!(!said.out.contains("secret-"), "{}", said.out);
    }
}

#[test]
fn a_catalog_that_cannot_be_read_judges_nothing() {
    let project = Project::empty();
    project.write("compose.yaml", "services: { a: { image: x:1 } }\n");
    project.write("catalog/catalog.yaml", "project: [\n");
    for words in [
        &["validate", "--mode", "prod"][..],
        &["validate", "--host", "nuc"],
    ] {
        let said = project.run(words);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.transcript().contains("yaml-syntax"), "{said:?}");
    }
    let said = project.run(&["validate", "--host", "8GiB,4"]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn a_generated_file_that_was_changed_is_told_at_the_line() {
    let project = Project::new();
    assert_eq!(project.run(&["build"]).code, Some(0));
    let path = "generated/docker-compose.prod.yml";
    let words = ["validate", path, "--mode", "production"];
    assert_eq!(project.run(&words).code, Some(0));
    let text = project.text(path);
    project.write(path, text.replace("nginx:1.27", "nginx:1.28"));
    let said = project.run(&words);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("broken[generated-edited]"), "{said:?}");
    assert!(said.out.contains("image: nginx:1.28"), "{said:?}");
    project.write(path, &text);
    let catalog = super::project::CATALOG.replace("128M", "192M");
    project.write("catalog/catalog.yaml", catalog);
    let said = project.run(&words);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("broken[generated-stale]"), "{said:?}");
    let said = project.run(&["validate", path, "--mode", "prod", "--host", "big"]);
    assert!(
        said.out.contains("made for the host `nuc`, not for `big`"),
        "{said:?}"
    );
}

#[test]
fn a_name_that_hides_or_turns_a_line_is_written_out_in_every_format() {
    let project = Project::empty();
    let name = "a\u{1b}[31m\u{202e}b.yaml";
    project.write(name, "services: { web: { imag: x } }\n");
    for format in ["human", "json", "markdown", "sarif", "github"] {
        let said = project.run(&["validate", name, "--format", format]);
        assert_eq!(said.code, Some(1), "{said:?}");
        let turns = |text: &str| text.contains(['\u{1b}', '\u{202e}']);
        assert!(!turns(&said.out) && !turns(&said.err), "{format}: {said:?}");
        if format == "json" {
            let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
            assert_eq!(document["findings"][0]["file"], name);
        }
    }
}

#[test]
fn a_line_full_of_braces_ends() {
    for text in [
        format!("services: {}{}", "{a: ".repeat(50_000), "}".repeat(50_000)),
        format!("services: [{}]", "{a: },".repeat(50_000)),
    ] {
        assert_eq!(validated(&text).code, Some(1));
    }
}

#[test]
fn a_port_of_an_env_file_is_told_and_a_password_is_not() {
    let project = Project::empty();
    project.write(".env", "ONE=8080\nTWO=8080\nDB_PASSWORD=8081\n");
    project.write(
        "compose.yaml",
        "services:
  a: { image: \"x:1\", ports: [\"${ONE}:80\"] }
  b: { image: \"x:1\", ports: [\"${TWO}:80\"] }
  c: { image: \"x:1\", ports: [\"${DB_PASSWORD}:80\"] }
  d: { image: \"x:1\", ports: [\"${DB_PASSWORD}:80\"] }
",
    );
    let said = project.run(&["validate"]);
    assert!(
        said.out.contains("publishes the host's port `8080`"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("8081"), "{}", said.out);
}

#[test]
fn a_catalog_that_nobody_asks_is_said_so() {
    let project = Project::empty();
    project.write("compose.yaml", "services: { web: { image: \"x:1\" } }\n");
    let said = project.run(&["validate", "--catalog", "stacks/catalog"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("none is named"), "{}", said.err);
}
