//! What a deployment will change, and what going back would not bring back.

use std::collections::BTreeMap;

use super::facts::{Container, State};
use super::model::Model;
use super::release::Wanted;
use super::verify::by_hand;

/// What happens to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It gets a container.
    Create,
    /// Its container is replaced, and why.
    Recreate(Vec<String>),
    /// Its image is got anew before: its container is replaced if that is another one.
    Renew,
    /// Its container is started again.
    Start,
    /// Its job runs again.
    Run,
    /// It is no longer in the file: its container goes.
    Remove,
    /// Its container stays as it is.
    Keep,
}

/// What happens to each service, by name.
pub fn changes(
    wanted: &[Wanted],
    hashes: &BTreeMap<String, String>,
    containers: &[Container],
) -> BTreeMap<String, Change> {
    let mut all = BTreeMap::new();
    for wanted in wanted {
        let own = containers
            .iter()
            .filter(|it| it.service == wanted.service && !it.one_off);
        let own: Vec<&Container> = own.collect();
        all.insert(wanted.service.clone(), change(wanted, hashes, &own));
    }
    for container in containers.iter().filter(|it| !it.one_off) {
        all.entry(container.service.clone())
            .or_insert(Change::Remove);
    }
    all
}

/// The same once it is known whose images are built or pulled before: those that would stay may get another one.
pub fn renewed(
    mut changes: BTreeMap<String, Change>,
    wanted: &[Wanted],
    got: &[&str],
) -> BTreeMap<String, Change> {
    let images = wanted
        .iter()
        .filter(|it| got.contains(&it.service.as_str()));
    let images: Vec<&str> = images.map(|it| it.image.as_str()).collect();
    for wanted in wanted
        .iter()
        .filter(|it| images.contains(&it.image.as_str()))
    {
        let stays = |change: &&mut Change| matches!(change, Change::Keep | Change::Start);
        if let Some(change) = changes.get_mut(&wanted.service).filter(stays) {
            *change = Change::Renew;
        }
    }
    changes
}

fn change(wanted: &Wanted, hashes: &BTreeMap<String, String>, own: &[&Container]) -> Change {
    if own.is_empty() {
        return if wanted.replicas == 0 {
            Change::Keep
        } else {
            Change::Create
        };
    }
    let mut reasons: Vec<String> = Vec::new();
    for container in own {
        for reason in reasons_to_replace(wanted, hashes, container) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    match reasons.is_empty() {
        false => Change::Recreate(reasons),
        true if wanted.job => Change::Run,
        true if own.iter().any(|it| it.state != State::Running) => Change::Start,
        true => Change::Keep,
    }
}

fn reasons_to_replace(
    wanted: &Wanted,
    hashes: &BTreeMap<String, String>,
    container: &Container,
) -> Vec<String> {
    let mut reasons = Vec::new();
    let new_image = wanted
        .image_id
        .as_ref()
        .is_none_or(|id| *id != container.image_id);
    if new_image || wanted.image != container.image {
        reasons.push("another image".to_owned());
    }
    let same = hashes.get(&wanted.service) == Some(&container.config_hash);
    if !same && wanted.image == container.image {
        reasons.push("other settings".to_owned());
    }
    if same && !by_hand(wanted, container).is_empty() {
        reasons.push("changed by hand".to_owned());
    }
    reasons
}

/// The containers that were changed by hand: Compose does not see that, so they are removed for it to make anew.
pub fn to_replace<'c>(wanted: &[Wanted], containers: &'c [Container]) -> Vec<&'c str> {
    let is_changed = |container: &&Container| {
        let wanted = wanted.iter().find(|it| it.service == container.service);
        let paused = container.state == State::Paused;
        !container.one_off
            && wanted.is_some_and(|wanted| paused || !by_hand(wanted, container).is_empty())
    };
    containers
        .iter()
        .filter(is_changed)
        .map(|it| it.id.as_str())
        .collect()
}

/// The volumes and folders that a service with a new image writes to: a new version may change what is in them, and
/// going back to the old image does not bring that back.
pub fn data_at_risk(
    model: &Model,
    changes: &BTreeMap<String, Change>,
) -> Vec<(String, Vec<String>)> {
    let is_new = |change: &Change| match change {
        Change::Recreate(reasons) => reasons.iter().any(|reason| reason == "another image"),
        Change::Renew => true,
        Change::Create | Change::Start | Change::Run | Change::Remove | Change::Keep => false,
    };
    let services = changes.iter().filter(|(_, change)| is_new(change));
    services
        .filter_map(|(name, _)| {
            let service = model.services.get(name)?;
            let written = service.volumes.iter().filter(|mount| !mount.read_only);
            let places: Vec<String> = written.filter_map(|mount| place(model, mount)).collect();
            (!places.is_empty()).then(|| (name.clone(), places))
        })
        .collect()
}

fn place(model: &Model, mount: &super::model::Mount) -> Option<String> {
    let source = mount.source.as_ref()?;
    match mount.kind.as_str() {
        "volume" => Some(model.volumes.get(source)?.name.clone()),
        "bind" => Some(source.clone()),
        _ => None,
    }
}

/// The command that keeps a copy of a volume or a folder.
pub fn backup(place: &str) -> String {
    let name = place.trim_matches('/').replace('/', "_");
    format!(
        "docker run --rm -v {place}:/from:ro -v \"$PWD\":/to busybox tar czf /to/{name}.tgz -C /from ."
    )
}

/// The changes in one line: "2 created, 1 recreated, 1 unchanged".
pub fn summary(changes: &BTreeMap<String, Change>) -> String {
    let count = |is: fn(&Change) -> bool| changes.values().filter(|change| is(change)).count();
    let counts = [
        (count(|it| matches!(it, Change::Create)), "created"),
        (count(|it| matches!(it, Change::Recreate(_))), "recreated"),
        (
            count(|it| matches!(it, Change::Renew)),
            "recreated if the image changes",
        ),
        (count(|it| matches!(it, Change::Start)), "started"),
        (count(|it| matches!(it, Change::Run)), "run again"),
        (count(|it| matches!(it, Change::Remove)), "removed"),
        (count(|it| matches!(it, Change::Keep)), "unchanged"),
    ];
    let some = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = some
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}

/// The changes one by one, without what stays as it is: "recreated  `web`: another image".
pub fn lines(changes: &BTreeMap<String, Change>) -> Vec<String> {
    let line = |(name, change): (&String, &Change)| match change {
        Change::Create => Some(format!("create    {name}")),
        Change::Recreate(reasons) => Some(format!("recreate  {name}: {}", reasons.join(", "))),
        Change::Renew => Some(format!(
            "recreate  {name}: if its image is another one by then"
        )),
        Change::Start => Some(format!("start     {name}")),
        Change::Run => Some(format!("run again {name}")),
        Change::Remove => Some(format!("remove    {name}: no longer in the file")),
        Change::Keep => None,
    };
    changes.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::facts::samples::container;
    use super::super::release::samples::wanted;
    use super::*;

    fn one(wanted: Wanted, containers: &[Container]) -> BTreeMap<String, Change> {
        let hashes = BTreeMap::from([("web".to_owned(), "web-hash".to_owned())]);
        changes(&[wanted], &hashes, containers)
    }

    fn of_web(wanted: Wanted, container: Container) -> Change {
        one(wanted, &[container])["web"].clone()
    }

    fn recreate(reason: &str) -> Change {
        Change::Recreate(vec![reason.to_owned()])
    }

    #[test]
    fn every_change_has_its_reason() {
        assert_eq!(one(wanted("web"), &[])["web"], Change::Create);
        assert_eq!(of_web(wanted("web"), container("web")), Change::Keep);
        let moved = Wanted {
            image_id: Some("sha256:new".to_owned()),
            ..wanted("web")
        };
        assert_eq!(of_web(moved, container("web")), recreate("another image"));
        let named = Wanted {
            image: "demo/web:2".to_owned(),
            ..wanted("web")
        };
        assert_eq!(of_web(named, container("web")), recreate("another image"));
        let settings = Container {
            config_hash: "old".to_owned(),
            ..container("web")
        };
        assert_eq!(of_web(wanted("web"), settings), recreate("other settings"));
        let hand = Container {
            memory: 1,
            ..container("web")
        };
        assert_eq!(of_web(wanted("web"), hand), recreate("changed by hand"));
        let stopped = Container {
            state: State::Exited(0),
            ..container("web")
        };
        assert_eq!(of_web(wanted("web"), stopped.clone()), Change::Start);
        let job = Wanted {
            job: true,
            ..wanted("web")
        };
        assert_eq!(of_web(job, stopped), Change::Run);
    }

    #[test]
    fn what_the_file_no_longer_holds_is_removed() {
        let all = one(wanted("web"), &[container("web"), container("old")]);
        assert_eq!(all["old"], Change::Remove);
        assert_eq!(summary(&all), "1 removed, 1 unchanged");
        assert_eq!(lines(&all), ["remove    old: no longer in the file"]);
        let run = Container {
            one_off: true,
            ..container("old")
        };
        assert_eq!(one(wanted("web"), &[run]).len(), 1);
    }

    #[test]
    fn whose_image_is_got_anew_may_be_replaced() {
        let beside = Wanted {
            image: "demo/web:1".to_owned(),
            ..wanted("beside")
        };
        let job = Wanted {
            job: true,
            ..wanted("job")
        };
        let wanted = [wanted("web"), beside, wanted("db"), job, wanted("new")];
        let now = |name: &str, change| (name.to_owned(), change);
        let before = BTreeMap::from([
            now("beside", Change::Start),
            now("db", Change::Keep),
            now("job", Change::Run),
            now("new", Change::Create),
            now("web", Change::Keep),
        ]);
        let all = renewed(before, &wanted, &["web", "job", "new"]);
        assert_eq!(
            lines(&all),
            [
                "recreate  beside: if its image is another one by then",
                "run again job",
                "create    new",
                "recreate  web: if its image is another one by then",
            ]
        );
        assert_eq!(
            summary(&all),
            "1 created, 2 recreated if the image changes, 1 run again, 1 unchanged"
        );
    }

    #[test]
    fn what_was_changed_by_hand_is_replaced() {
        let hand = Container {
            nano_cpus: 1,
            ..container("web")
        };
        let paused = Container {
            state: State::Paused,
            ..container("web")
        };
        let other = Container {
            memory: 1,
            ..container("other")
        };
        let all = [hand, paused, other, container("web")];
        assert_eq!(to_replace(&[wanted("web")], &all), ["web-id", "web-id"]);
    }

    #[test]
    fn data_under_a_new_image_is_told_with_its_backup() {
        let model = Model::read(
            r#"{ "volumes": { "data": { "name": "demo_data" } }, "services": { "web": { "volumes": [
                { "type": "volume", "source": "data", "target": "/d" },
                { "type": "bind", "source": "/srv/x", "target": "/x" },
                { "type": "bind", "source": "/srv/y", "target": "/y", "read_only": true } ] } } }"#,
        )
        .unwrap();
        let of = |change| data_at_risk(&model, &BTreeMap::from([("web".to_owned(), change)]));
        let expected = vec![(
            "web".to_owned(),
            vec!["demo_data".to_owned(), "/srv/x".to_owned()],
        )];
        assert_eq!(of(recreate("another image")), expected);
        assert_eq!(of(recreate("other settings")), []);
        assert_eq!(
            backup("/srv/x"),
            "docker run --rm -v /srv/x:/from:ro -v \"$PWD\":/to busybox tar czf /to/srv_x.tgz -C /from ."
        );
    }
}
