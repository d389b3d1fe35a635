//! `healthcheck`: how the engine learns that a container works.

use super::command::Command;
use super::scalar::Val;
use crate::model;
use crate::values::duration::Duration;

model! {
    /// How the engine probes whether the container works.
    pub struct Healthcheck<'s> {
        /// The probe: CMD and its words, CMD-SHELL and a text, or NONE.
        test "test": Command<'s>,
        /// Time between two probes, such as 30s.
        interval "interval": Val<'s, Duration>,
        /// Time after which a probe that has not answered counts as failed.
        timeout "timeout": Val<'s, Duration>,
        /// How many failed probes in a row make the container unhealthy.
        retries "retries": Val<'s, i64>,
        /// Time after the start in which failed probes do not count.
        start_period "start_period": Val<'s, Duration>,
        /// Time between two probes during the start period.
        start_interval "start_interval": Val<'s, Duration>,
        /// Turns off the probe that the image brings.
        disable "disable": Val<'s, bool>,
    }
}

impl Healthcheck<'_> {
    /// Whether it switches the image's own probe off.
    pub fn is_off(&self) -> bool {
        self.disable.and_then(|disable| disable.get()) == Some(true)
            || self
                .test
                .is_some_and(|test| test.words().next().is_some_and(|word| word.text == "NONE"))
    }
}
