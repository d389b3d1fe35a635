//! What the env files of services hand to them. No message holds a value.

use super::{Look, truth};
use crate::dotenv::{Entry, resolve, tellable};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::rules::mode_leak::said;
use crate::rules::of_mode::ServiceEnvFile;
use crate::values::mode_class::ModeClass;
use crate::values::shown::shown;

impl<'s> Look<'_, 's> {
    /// What in an env file belongs to another mode.
    pub(super) fn env_file(&self, env_file: &ServiceEnvFile<'s>) {
        let resolved = resolve(&[&env_file.file], &|_| None);
        for (number, entry) in env_file.file.entries.iter().enumerate() {
            let Some(value) = resolved.reveal_entry(0, number) else {
                continue;
            };
            let is_name = !entry.behind_quote && !entry.name.is_empty() && tellable(entry);
            let at = |finding: Finding| Finding {
                place: place(env_file, entry),
                ..finding
            };
            if let Some(finding) = is_name.then(|| self.entry(entry.name, value)).flatten() {
                self.add(at(finding), Some(env_file.service));
            }
        }
    }

    fn entry(&self, name: &str, value: &str) -> Option<Finding> {
        let plan = self.asked.plan;
        let finding = |message: String| Finding::new(Rule::ModeLeak, Place::NOWHERE, message);
        let (shown, mode) = (shown(name), plan.mode);
        if self.asked.catalog.mode_variable == Some(name) {
            let mut classes = ModeClass::ALL.into_iter();
            let class = classes.find(|class| class.as_str() == value && *class != plan.class)?;
            let message = format!(
                "{shown} says `{class}`, and the mode `{mode}` is of class {}",
                plan.class
            );
            return Some(finding(message).help("take the line out"));
        }
        if let Some(switch) = plan.switches.iter().find(|switch| switch.name == name) {
            truth(value).filter(|says| *says != switch.on)?;
            let message = Look::contradicts(&shown, switch, "", mode);
            let finding = finding(message).second(switch.place, "the switch of the service");
            return Some(finding.help("take the line out"));
        }
        let (part, source) = self.foreign.in_value(value)?;
        let finding = finding(said(&shown, part, source));
        let finding = finding.second(source.place, format!("the value of `{}`", source.mode));
        Some(finding.help(format!("give it the value of the mode `{mode}`")))
    }
}

fn place(env_file: &ServiceEnvFile, entry: &Entry) -> Place {
    Place {
        file: env_file.number,
        len: u16::try_from(entry.name_at.len()).unwrap_or(u16::MAX),
        start: u32::try_from(entry.name_at.start).unwrap_or(u32::MAX),
    }
}
