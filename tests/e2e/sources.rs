//! Where images come from, and an engine that is elsewhere.

use std::fs;

use crate::bed::Bed;
use crate::project::Project;
use crate::registry::Registry;
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    row("image built from its folder", built),
    row("image that is pulled, or may not be", pulled),
    row("image that its registry has", in_the_registry),
    old("image that its registry does not have", not_in_the_registry),
    row("an engine that is elsewhere", elsewhere),
];

/// The folder from which `web` is built, with a version of its own.
fn sources(bed: &Bed, project: &Project, behaviour: &str) {
    let text = format!(
        "FROM scratch\nCOPY standin /standin\nCOPY standin /curl\nENV PATH=/ STANDIN_PORTS=8000 STANDIN={behaviour}\n\
         CMD [\"/standin\"]\n"
    );
    project.write("app/Dockerfile", &text);
    fs::copy(bed.root().join("standin"), project.path("app/standin")).unwrap();
}

fn built(bed: &mut Bed) {
    let project = Project::new(bed);
    project.change(
        "    image: standin/web:1\n",
        "    build: { context: ./app }\n    image: demo/own:local\n",
    );
    let _ = bed.docker(&["image", "rm", "--force", "demo/own:local"]);
    fs::remove_dir_all(project.path("app")).unwrap_or_default();
    sources(bed, &project, "");
    let id = || bed.ask(&["image", "inspect", "--format", "{{.Id}}", "demo/own:local"]);
    let runs = || bed.containers("demo-test")["web"].clone();
    project.deploy(&[]).expect(
        0,
        &[
            "1 image to build",
            "build     web: its image",
            "1 image built",
            "release 1 runs",
        ],
    );
    let first = id();
    assert_eq!(runs().image_id, first);
    // Sources alone change nothing: the image is there.
    sources(bed, &project, "unhealthy");
    project
        .deploy(&[])
        .expect(0, &["3 unchanged", "release 2 runs"]);
    assert_eq!(runs().image_id, first);
    project.deploy(&["--rebuild"]).expect(
        1,
        &[
            "build     web: its image",
            "`web` is unhealthy",
            "release 2 runs again",
        ],
    );
    assert_ne!(id(), first, "the name means the new image");
    assert_eq!(runs().image_id, first, "the very old image is back");
    assert_eq!(runs().state, "healthy");
    sources(bed, &project, "exit:oops");
    project.write("app/Dockerfile", "FROM scratch\nCOPY nowhere /\n");
    let before = runs();
    project.deploy(&["--rebuild"]).expect(
        2,
        &[
            "the images cannot be built",
            "nowhere",
            "no container was touched",
        ],
    );
    assert_eq!(before, runs());
    fs::remove_file(project.path("app/Dockerfile")).unwrap();
    let said = project.deploy(&["--rebuild"]);
    assert_ne!(said.code, Some(0), "{said:?}");
    assert_eq!(before, runs());
}

fn pulled(bed: &mut Bed) {
    let project = Project::new(bed);
    project.change(
        "    image: standin/web:1\n",
        "    image: 127.0.0.1:9/nowhere:1\n",
    );
    project.deploy(&[]).expect(
        1,
        &[
            "registries are asked for 1 image",
            "the image `127.0.0.1:9/nowhere:1` of `web` cannot be had: ",
            "cannot be reached",
            "nothing was changed",
        ],
    );
    project.change(
        "    image: 127.0.0.1:9/nowhere:1\n",
        "    image: 127.0.0.1:9/nowhere:1\n    pull_policy: never\n",
    );
    project
        .deploy(&[])
        .expect(1, &["cannot be had: its `pull_policy` is `never`"]);
    project.change("127.0.0.1:9/nowhere:1", "standin/web:1");
    project.deploy(&[]).expect(0, &["release 1 runs"]);
    let before = project.expect(bed, "demo-test", "1");
    // One that is to be looked for at each deployment, and is there.
    project.change("pull_policy: never", "pull_policy: always");
    project.deploy(&[]).expect(
        1,
        &[
            "the image `standin/web:1` of `web` cannot be had",
            "nothing was changed",
        ],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

/// A first deployment pulls; one whose name means another image in the registry by now pulls again where it is told to,
/// and goes back to the very image that ran, though the name means the new one.
fn in_the_registry(bed: &mut Bed) {
    let project = Project::new(bed);
    let registry = Registry::new();
    let image = format!("{}/web:1", registry.address);
    registry.push(bed, "web", "standin/web:1");
    let runs = || bed.containers("demo-test")["web"].clone();
    project.change(
        "    image: standin/web:1\n",
        &format!("    image: {image}\n    pull_policy: always\n"),
    );
    project.deploy(&[]).expect(
        0,
        &[
            "registries are asked for 1 image",
            "1 image to pull",
            "setup      1 image to be pulled",
            "1 image pulled",
            "release 1 runs",
        ],
    );
    let id = |name: &str| bed.ask(&["image", "inspect", "--format", "{{.Id}}", name]);
    let first = id(&image);
    assert_eq!(runs().image_id, first);
    assert_eq!(first, id("standin/web:1"), "what was pushed came back");
    bed.image("standin/web:sick", "8000", "unhealthy", &[]);
    registry.push(bed, "web", "standin/web:sick");
    project.deploy(&[]).expect(
        1,
        &[
            "1 recreated if the image changes",
            "recreate  web: if its image is another one by then",
            "pull      web: its image",
            "1 image pulled",
            "`web` is unhealthy",
            "release 1 runs again",
        ],
    );
    assert_eq!(
        id(&image),
        id("standin/web:sick"),
        "the name means the new image"
    );
    assert_eq!(runs().image_id, first, "the very old image is back");
    assert_eq!(runs().state, "healthy");
    let before = runs();
    drop(registry);
    project.deploy(&[]).expect(
        1,
        &[
            "cannot be had: ",
            "cannot be reached",
            "nothing was changed",
        ],
    );
    assert_eq!(before, runs());
}

fn not_in_the_registry(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    let registry = Registry::new();
    let image = format!("    image: {}/nothing:1\n", registry.address);
    project.change("    image: standin/web:1\n", &image);
    project.deploy(&[]).expect(
        1,
        &[
            "registries are asked for 1 image",
            "cannot be had: its registry has no such image",
            "nothing was changed",
        ],
    );
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn elsewhere(bed: &mut Bed) {
    let mut project = Project::new(bed);
    let here = std::mem::replace(&mut project.host, format!("tcp://127.0.0.1:{}", bed.port));
    project.change(
        "    image: standin/web:1\n",
        "    image: standin/web:1\n    volumes: [\"./of-{{ mode.name }}:/data\"]\n",
    );
    let said = project.deploy(&[]);
    let mounted = format!(
        "`{}` of that machine must be there: web mounts it",
        project.path("of-test").display()
    );
    said.expect(
        0,
        &[
            "the engine is elsewhere, at tcp://127.0.0.1:",
            "its ports, its disk and its folders cannot be seen from here",
            &mounted,
            "release 1 runs",
        ],
    );
    // The same engine, whichever way it is spoken to.
    project.host = here;
    project
        .run(&["status", "test"])
        .expect(0, &["release 1 of"]);
    project.expect(bed, "demo-test", "1");
    project.host = "tcp://127.0.0.1:9".to_owned();
    project
        .deploy(&[])
        .expect(2, &["the Docker engine does not answer", "DOCKER_HOST"]);
}
