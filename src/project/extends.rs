//! `extends`: a service takes over what another one says, of its own file or of another, and that one perhaps what a
//! third says. Each service is settled once, without recursion: a chain may be as long as a file.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::include::is_here;
use super::load::{Frame, Loader};
use super::paths::{Move, folder_of, joined, way};
use super::tree::{Branch, Tree, branch, branches, map, settled, with_value, without};
use super::unknown::{Unknown, unknown_service};
use crate::compose::value::collect;
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::yaml::node::{Entry, Kind};

/// The services of a file, and the folder at which their paths start.
struct Scope<'s> {
    services: &'s [Branch<'s>],
    index: FxHashMap<&'s str, usize>,
    folder: String,
}

/// A service of a scope: the list tells the scope.
type Key<'s> = (*const Branch<'s>, &'s str);

/// Settles what services extend, for the files of one frame.
pub(super) struct Extends<'l, 'a, 's> {
    loader: &'l Loader<'a, 's>,
    frame: &'l Frame,
    /// The services of other files, by the files' numbers.
    files: RefCell<FxHashMap<u16, Option<Rc<Scope<'s>>>>>,
    /// What is settled; `None` where a finding says that it cannot be.
    done: RefCell<FxHashMap<Key<'s>, Option<Tree<'s>>>>,
}

/// What a service says that it extends.
struct Asked<'s> {
    service: &'s str,
    file: Option<Tree<'s>>,
    place: Place,
}

/// A service on the way to the one that extends nothing.
struct Step<'s> {
    scope: Rc<Scope<'s>>,
    name: &'s str,
    service: Tree<'s>,
    place: Place,
}

impl<'s> Scope<'s> {
    fn new(root: &Tree<'s>, folder: &str) -> Option<Self> {
        let services = branch(root, "services")?.value.as_map()?;
        let index = services
            .iter()
            .enumerate()
            .map(|(at, entry)| (entry.key, at))
            .collect();
        Some(Scope {
            services,
            index,
            folder: folder.to_owned(),
        })
    }

    fn service(&self, name: &str) -> Option<&'s Branch<'s>> {
        self.index.get(name).map(|at| &self.services[*at])
    }

    fn key(&self, name: &'s str) -> Key<'s> {
        (self.services.as_ptr(), name)
    }
}

impl<'l, 'a, 's> Extends<'l, 'a, 's> {
    pub fn new(loader: &'l Loader<'a, 's>, frame: &'l Frame) -> Self {
        Extends {
            loader,
            frame,
            files: RefCell::default(),
            done: RefCell::default(),
        }
    }

    /// The file with every service settled.
    pub fn file(&self, root: Tree<'s>) -> Tree<'s> {
        let Some(scope) = Scope::new(&root, &self.frame.folder) else {
            return root;
        };
        let extends = |entry: &Branch<'s>| branch(&entry.value, "extends").is_some();
        if !scope.services.iter().any(extends) {
            return root;
        }
        let scope = Rc::new(scope);
        let services = scope.services.iter().map(|entry| Entry {
            value: match extends(entry) {
                true => self.settled(&scope, entry),
                false => entry.value,
            },
            ..*entry
        });
        let services = collect(self.loader.arena, services);
        match branch(&root, "services") {
            Some(old) => with_value(
                &root,
                "services",
                map(&old.value, services),
                self.loader.arena,
            ),
            None => root,
        }
    }

    /// A service with all that it extends below it; as it is written where that cannot be had.
    fn settled(&self, scope: &Rc<Scope<'s>>, entry: &Branch<'s>) -> Tree<'s> {
        let mut steps: Vec<Step<'s>> = Vec::new();
        let mut base = self.base(scope, entry, &mut steps);
        while let Some(step) = steps.pop() {
            let whole = match base {
                Some((base, from)) => {
                    let own = without(&step.service, "extends", self.loader.arena);
                    self.over(base, &from, own, &step.scope)
                }
                // What it lacks may stand where it could not be looked up: `extends` stays, and says so.
                None => step.service,
            };
            let key = step.scope.key(step.name);
            self.done.borrow_mut().insert(key, Some(whole));
            base = Some((whole, step.scope));
        }
        base.map_or(entry.value, |(whole, _)| whole)
    }

    /// Goes from a service to the one that extends nothing, or is settled already, and remembers those between.
    fn base(
        &self,
        scope: &Rc<Scope<'s>>,
        entry: &Branch<'s>,
        steps: &mut Vec<Step<'s>>,
    ) -> Option<(Tree<'s>, Rc<Scope<'s>>)> {
        let mut open: FxHashSet<Key<'s>> = FxHashSet::default();
        let (mut scope, mut entry) = (scope.clone(), *entry);
        loop {
            let key = scope.key(entry.key);
            if let Some(done) = self.done.borrow().get(&key) {
                return done.map(|done| (done, scope));
            }
            let Some(asked) = asked(&entry.value) else {
                return Some((entry.value, scope));
            };
            if !open.insert(key) {
                self.circle(steps, &scope, entry.key);
                return None;
            }
            steps.push(Step {
                scope: scope.clone(),
                name: entry.key,
                service: entry.value,
                place: asked.place,
            });
            (scope, entry) = self.target(&scope, &asked, entry.key)?;
        }
    }

    /// The service that another one extends.
    fn target(
        &self,
        scope: &Rc<Scope<'s>>,
        asked: &Asked<'s>,
        name: &str,
    ) -> Option<(Rc<Scope<'s>>, Branch<'s>)> {
        let scope = match &asked.file {
            None => scope.clone(),
            Some(file) => self.other(&scope.folder, file)?,
        };
        if let Some(entry) = scope.service(asked.service) {
            return Some((scope, *entry));
        }
        let file = asked.file.and_then(|file| file.as_text());
        let others = scope.services.iter().map(|entry| entry.key);
        let others = others.filter(|other| file.is_some() || *other != name);
        let unknown = Unknown {
            place: asked.place,
            name: asked.service,
            file,
        };
        unknown_service(&unknown, others, name, self.loader.findings);
        None
    }

    /// The services of another file.
    fn other(&self, folder: &str, file: &Tree<'s>) -> Option<Rc<Scope<'s>>> {
        let path = file.as_text().filter(|path| is_here(path))?;
        let path = joined(folder, path);
        let read = self.loader.read(&path, file.place)?;
        if let Some(known) = self.files.borrow().get(&read.number) {
            return known.clone();
        }
        let frame = Frame {
            folder: folder_of(&path).to_owned(),
            ..self.frame.clone()
        };
        let root = self.loader.documents(read, &frame).into_iter();
        let root = root.reduce(|earlier, later| self.loader.merge().files(earlier, later));
        let scope = root.and_then(|root| Scope::new(&root, &frame.folder));
        if scope.is_none() && (root.is_some() || self.loader.is_read()) {
            let message = format!("{} holds no services", shown(&path));
            self.loader
                .findings
                .add(Finding::new(Rule::UnknownService, file.place, message));
        }
        let scope = scope.map(Rc::new);
        self.files.borrow_mut().insert(read.number, scope.clone());
        scope
    }

    /// A service over the one that it extends, whose paths may start at another folder.
    fn over(&self, base: Tree<'s>, from: &Scope<'s>, own: Tree<'s>, scope: &Scope<'s>) -> Tree<'s> {
        // What is taken over is looked at once for every service that takes it.
        if !self.loader.pays_for(&base) {
            return own;
        }
        let base = settled(base, self.loader.arena);
        let base = match way(&scope.folder, &from.folder).as_deref() {
            None | Some(".") => base,
            Some(way) => Move {
                arena: self.loader.arena,
                way,
                variables: None,
            }
            .service(&base),
        };
        match own.kind {
            Kind::Map(_) => self.loader.merge().services(base, own),
            _ => own,
        }
    }

    fn circle(&self, steps: &[Step<'s>], scope: &Rc<Scope<'s>>, name: &str) {
        let first = steps
            .iter()
            .position(|step| step.name == name && Rc::ptr_eq(&step.scope, scope));
        let circle = &steps[first.unwrap_or(0)..];
        let places = circle.iter().enumerate();
        let Some((at, start)) = places.min_by_key(|(_, step)| step.place) else {
            return;
        };
        // Wherever it was entered, so that it is told once.
        let (before, from) = circle.split_at(at);
        let names: Vec<&str> = from.iter().chain(before).map(|step| step.name).collect();
        let message = match names.as_slice() {
            [one] => format!("{} extends itself", shown(one)),
            many => format!(
                "services extend each other in a circle: {}",
                crate::values::circles::arrows(many)
            ),
        };
        let finding = Finding::new(Rule::ExtendsCycle, start.place, message)
            .help("put what they share into a service of its own that extends none of them");
        self.loader.findings.add(finding.service(start.name));
        for step in circle {
            let key = step.scope.key(step.name);
            self.done.borrow_mut().insert(key, None);
        }
    }
}

/// What a service extends; `None` too where it says so in no form that Compose knows, which is told when it is read.
fn asked<'s>(service: &Tree<'s>) -> Option<Asked<'s>> {
    let extends = branches(service)
        .iter()
        .find(|entry| entry.key == "extends")?;
    let value = extends.value;
    if let Some(service) = value.as_text() {
        return Some(Asked {
            service,
            file: None,
            place: value.place,
        });
    }
    let service = branch(&value, "service")?.value;
    let file = branch(&value, "file").map(|entry| entry.value);
    // Compose takes nothing for no file.
    let file = file.filter(|file| !file.is_null());
    Some(Asked {
        service: service.as_text()?,
        file,
        place: service.place,
    })
}
