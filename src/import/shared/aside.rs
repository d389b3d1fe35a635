//! What is commented out above a line that is shared: it is about the service, and no line of it.

use super::Sharing;
use crate::import::value::{Entry, Line, Map, Remarks};

impl Sharing {
    /// What is commented out above a line that says nothing more than the layers is kept without that line, at the end of
    /// its service.
    pub(super) fn move_aside(&mut self) {
        for at in 0..self.services.len() {
            let service = &self.services[at];
            let Some(below) = self.below(&service.extends, service.is_job) else {
                continue;
            };
            let is_spare = |entry: &Entry| {
                let Remarks {
                    above,
                    beside,
                    below: inner,
                    folded: _,
                } = &entry.remarks;
                let is_said = below.get(&entry.key) == Some(&entry.value);
                is_said && beside.is_none() && inner.is_empty() && is_commented_out(above)
            };
            let words = std::mem::take(&mut self.services[at].own.0).into_iter();
            let (spare, own): (Vec<Entry>, Vec<Entry>) = words.partition(is_spare);
            let service = &mut self.services[at];
            service.own = Map(own);
            let mut lines: Vec<Line> = spare.into_iter().flat_map(|it| it.remarks.above).collect();
            lines.append(&mut service.remarks.below);
            service.remarks.below = lines;
        }
    }
}

/// Whether lines of comment hold nothing but what was commented out: keys and items.
pub(super) fn is_commented_out(lines: &[Line]) -> bool {
    let is_code = |line: &Line| match line {
        Line::Blank => true,
        Line::Said(text) => {
            let text = text.trim_start_matches(['#', ' ']);
            let key = text.split(':').next().unwrap_or(text);
            text.starts_with("- ") || key.len() < text.len() && !key.contains(' ')
        }
    };
    !lines.is_empty() && lines.iter().all(is_code)
}
