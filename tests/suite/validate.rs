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
        said.err.starts_with("750 findings more not shown"),
        "{}",
        said.err
    );
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
