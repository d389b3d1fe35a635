//! The rules over the env file that a person fills: what is missing in it, what Compose reads otherwise than it looks,
//! and what belongs to another mode. No message holds a value.

mod derived;
mod duplicate;
mod format;
mod known;
mod leak;
mod mismatch;
mod permissions;
mod unknown;
mod unset;

use std::ops::Range;

use crate::catalog::Catalog;
use crate::dotenv::{Entry, EnvFile, Resolved, is_name, resolve, tellable};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::Plan;
use crate::rule::Rule;
use crate::values::shown::shown;
use known::{Known, known};
pub use leak::filled;

/// What the rules see.
pub struct EnvContext<'a, 's> {
    /// The catalog.
    pub catalog: &'a Catalog<'s>,
    /// The mode whose env files these are.
    pub plan: &'a Plan<'s>,
    /// The plans of every mode on the host.
    pub plans: &'a [Plan<'s>],
    /// What `generated/env.NAME` says.
    pub generated: &'a EnvFile<'a>,
    /// The path of that file, from the project's root.
    pub generated_path: &'a str,
    /// The files that a person fills, in the order in which Compose is given them; one at least.
    pub own: &'a [OwnFile<'a>],
    /// The env files of other modes that are there, by mode.
    pub others: &'a [(&'a str, EnvFile<'a>)],
    /// What the shell has set.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A file that a person fills.
#[derive(Debug)]
pub struct OwnFile<'a> {
    /// Its number among the run's sources.
    pub number: u16,
    /// Its path as messages show it.
    pub path: &'a str,
    /// Its length in bytes.
    pub len: usize,
    /// What stands in it.
    pub file: EnvFile<'a>,
    /// The mode for which it was made, where it is a generated one.
    pub made_for: Option<&'a str>,
    /// Its permission bits, where others than its owner may read or write it.
    pub open_to_others: Option<u32>,
}

/// What the rules share while they look.
struct Look<'a, 's> {
    context: &'a EnvContext<'a, 's>,
    /// The values of the generated file and of the own ones, in this order.
    resolved: Resolved<'a>,
    findings: Findings,
}

/// Applies every rule to the env files of a mode. The findings come in the order of files and lines.
pub fn check(context: &EnvContext) -> Vec<Finding> {
    let own = context.own.iter().map(|own| &own.file);
    let files: Vec<&EnvFile> = [context.generated].into_iter().chain(own).collect();
    let look = Look {
        context,
        resolved: resolve(&files, context.environment),
        findings: Findings::new(),
    };
    for check in [
        format::check,
        duplicate::check,
        derived::check,
        mismatch::check,
        leak::check,
        unset::check,
        unknown::check,
        permissions::check,
    ] {
        check(&look);
    }
    mismatch::led(&look, look.findings.take())
}

/// An entry of an own file, with the numbers of both.
#[derive(Clone, Copy)]
struct At<'a> {
    own: &'a OwnFile<'a>,
    file: usize,
    number: usize,
    entry: &'a Entry<'a>,
}

impl<'a, 's> Look<'a, 's> {
    /// The entries of all own files that are meant as entries.
    fn entries(&self) -> impl Iterator<Item = At<'a>> + use<'a, 's> {
        let files = self.context.own.iter().enumerate();
        let entries = files.flat_map(|(file, own)| {
            let entries = own.file.entries.iter().enumerate();
            entries.map(move |(number, entry)| At {
                own,
                // The generated file stands before them.
                file: file + 1,
                number,
                entry,
            })
        });
        entries.filter(|at| !at.entry.behind_quote && !at.entry.name.is_empty())
    }

    /// The value of an entry. It belongs into no message.
    fn value(&self, at: At) -> Option<&str> {
        self.resolved.reveal_entry(at.file, at.number)
    }

    /// What the name of an entry is to the mode.
    fn known(&self, at: At) -> Known<'a, 's> {
        known(self.context, at.entry.name)
    }

    /// The name as messages show it; `None` where it may be a part of a secret.
    fn name(&self, entry: &Entry) -> Option<String> {
        let declared = self.context.catalog.variables.contains_key(entry.name);
        (declared || tellable(entry)).then(|| shown(entry.name))
    }

    fn add(&self, finding: Finding) {
        self.findings.add(finding);
    }

    /// A finding at the name of an entry.
    fn finding(&self, rule: Rule, at: At, message: String) -> Finding {
        Finding::new(rule, at.own.place(&at.entry.name_at), message)
    }
}

impl OwnFile<'_> {
    /// The place of a stretch of it.
    fn place(&self, at: &Range<usize>) -> Place {
        Place {
            file: self.number,
            len: u16::try_from(at.len()).unwrap_or(u16::MAX),
            start: u32::try_from(at.start).unwrap_or(u32::MAX),
        }
    }
}

/// Whether a name can be used as `${NAME}`; for help that names one.
fn is_usable(name: &str) -> bool {
    is_name(name)
}
