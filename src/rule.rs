//! The rules by name: the one table that messages, `explain`, waivers, tests and documentation share.
//! What a rule looks at stands elsewhere: in the reader of the catalog, in the plan, or in `rules/`.

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing is written while there is one.
    Error,
    /// Told, and waivable with a reason.
    Warning,
}

impl Level {
    /// The word in messages and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// What is known of a rule besides its check.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo {
    /// The kebab-case name.
    pub name: &'static str,
    /// The level in a catalog.
    pub level: Level,
    /// Whether `waive` may silence it.
    pub waivable: bool,
    /// The page that `composegen explain` shows.
    pub page: &'static str,
}

macro_rules! rules {
    ($($variant:ident $name:literal $level:ident $waivable:literal;)*) => {
        /// A rule, in the order in which findings of one place are reported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = $name] $variant),* }

        impl Rule {
            /// Every rule, in the order of the table.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];
        }

        /// The table, in the order of the enum.
        static RULES: &[RuleInfo] = &[$(RuleInfo {
            name: $name,
            level: Level::$level,
            waivable: $waivable,
            page: include_str!(concat!("rules/pages/", $name, ".md")),
        }),*];
    };
}

rules! {
    YamlSyntax "yaml-syntax" Error false;
    DuplicateKey "duplicate-key" Error false;
    UnknownKey "unknown-key" Error false;
    RefusedKey "refused-key" Error false;
    WrongType "wrong-type" Error false;
    MissingField "missing-field" Error false;
    BadSize "bad-size" Error false;
    BadDuration "bad-duration" Error false;
    BadPort "bad-port" Error false;
    BadCpus "bad-cpus" Error false;
    BadName "bad-name" Error false;
    BadImage "bad-image" Error false;
    BadExpression "bad-expression" Error false;
    OverrideWords "override-words" Error false;
    UnknownService "unknown-service" Error false;
    UnknownNetwork "unknown-network" Error false;
    UnknownVolume "unknown-volume" Error false;
    UnknownMode "unknown-mode" Error false;
    UnknownRole "unknown-role" Error false;
    UnknownHost "unknown-host" Error false;
    UnknownFragment "unknown-fragment" Error false;
    UnknownSecret "unknown-secret" Error false;
    UnknownConfig "unknown-config" Error false;
    UnknownOption "unknown-option" Error false;
    ChoiceRefused "choice-refused" Error false;
    ExtendsCycle "extends-cycle" Error false;
    ReplacesCycle "replaces-cycle" Error false;
    RoleForbidden "role-forbidden" Error false;
    RoleRequired "role-required" Error false;
    ServiceUnreachable "service-unreachable" Warning true;
    FragmentUnused "fragment-unused" Warning true;
    OverrideWithoutEffect "override-without-effect" Warning true;
    TwinWithoutReplaces "twin-without-replaces" Error true;
    MemoryLimitMissing "memory-limit-missing" Error false;
    CpuLimitMissing "cpu-limit-missing" Error false;
    ReservationOverLimit "reservation-over-limit" Error false;
    ServiceOverHost "service-over-host" Error false;
    MemoryBudget "memory-budget" Error false;
    CpuBudget "cpu-budget" Error false;
    ReservationBudget "reservation-budget" Error false;
    PortConflict "port-conflict" Error false;
    PortRandom "port-random" Warning true;
    DependencyAbsent "dependency-absent" Error false;
    DependencyCycle "dependency-cycle" Error false;
    DependencyWithoutHealthcheck "dependency-without-healthcheck" Error false;
    JobDependedOn "job-depended-on" Error false;
    JobRestarts "job-restarts" Error false;
    JobNotAwaited "job-not-awaited" Warning true;
    HealthcheckMissing "healthcheck-missing" Warning true;
    HealthcheckPort "healthcheck-port" Error false;
    HealthcheckSyntax "healthcheck-syntax" Error false;
    PeerPort "peer-port" Error false;
    PeerUnknown "peer-unknown" Warning true;
    ModeLeak "mode-leak" Error true;
    ModeVariableSet "mode-variable-set" Error false;
    SharedVolume "shared-volume" Error true;
    SharedBind "shared-bind" Error true;
    SharedNetwork "shared-network" Error true;
    SharedContainerName "shared-container-name" Error true;
    VariableUndeclared "variable-undeclared" Error false;
    VariableOperator "variable-operator" Error false;
    VariableUnused "variable-unused" Warning true;
    SecretLiteral "secret-literal" Error false;
    SecretDefault "secret-default" Error false;
    SecretBuildArg "secret-build-arg" Error false;
    SecretInUrl "secret-in-url" Error false;
    ImageMissing "image-missing" Error false;
    ImageShared "image-shared" Error true;
    NetworkUnused "network-unused" Warning true;
    VolumeUnused "volume-unused" Warning true;
    ContainerNameDuplicate "container-name-duplicate" Error false;
    MountDuplicate "mount-duplicate" Error false;
    EnvFormat "env-format" Error false;
    EnvDuplicate "env-duplicate" Error false;
    EnvComposeOverride "env-compose-override" Error false;
    EnvDerived "env-derived" Error false;
    EnvModeMismatch "env-mode-mismatch" Error false;
    EnvModeLeak "env-mode-leak" Error false;
    EnvUnset "env-unset" Error false;
    EnvUnknown "env-unknown" Warning false;
    EnvPermissions "env-permissions" Warning false;
    GeneratedStale "generated-stale" Error false;
    GeneratedEdited "generated-edited" Error false;
    WaiverUnused "waiver-unused" Warning false;
    WaiverRefused "waiver-refused" Error false;
}

impl Rule {
    /// The row of the table.
    pub fn info(self) -> &'static RuleInfo {
        &RULES[self as usize]
    }

    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The rule of a name, as `explain` and `waive` write it.
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name)
    }
}

impl RuleInfo {
    /// The page's first sentence: what is wrong when the rule fires.
    pub fn summary(&self) -> &'static str {
        self.page
            .lines()
            .skip(1)
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_begins_with_its_rule_and_says_what_is_wrong() {
        for rule in Rule::ALL {
            let info = rule.info();
            assert!(
                info.page.starts_with(&format!("# {}\n", info.name)),
                "{}",
                info.name
            );
            assert!(!info.summary().is_empty(), "{}", info.name);
            assert_eq!(Rule::named(info.name), Some(*rule));
        }
    }
}
