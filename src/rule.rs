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

/// What a finding means for a Compose file that was not made from a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// Compose refuses the file, now or at start.
    Invalid,
    /// The file loads, and then fails or does something else.
    Broken,
    /// A matter of opinion: off unless asked for.
    Policy,
}

impl Weight {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Weight::Invalid => "invalid",
            Weight::Broken => "broken",
            Weight::Policy => "policy",
        }
    }
}

/// What has to be said beside a Compose file before a rule can judge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Which mode it is for.
    Mode,
    /// On which host it shall run.
    Host,
    /// Which mode it is for, and its env file.
    ModeAndEnvFile,
}

/// What is said beside Compose files that somebody else wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// For which mode they are.
    pub mode: bool,
    /// On which host they shall run.
    pub host: bool,
    /// With which env files.
    pub env_file: bool,
}

impl Given {
    /// Whether it is said.
    fn is_in(self, beside: Beside) -> bool {
        match self {
            Given::Mode => beside.mode,
            Given::Host => beside.host,
            Given::ModeAndEnvFile => beside.mode && beside.env_file,
        }
    }

    /// The options that say it.
    pub fn options(self) -> &'static [&'static str] {
        match self {
            Given::Mode => &["--mode"],
            Given::Host => &["--host"],
            Given::ModeAndEnvFile => &["--mode", "--env-file"],
        }
    }
}

/// Whether and how a rule judges a Compose file that was not made from a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validate {
    /// It is about the catalog alone.
    Never,
    /// Always.
    Always(Weight),
    /// Where something is said beside the file; without that as the last part says, or not at all.
    Where(Given, Weight, Option<Weight>),
}

const NEVER: Validate = Validate::Never;
const INVALID: Validate = Validate::Always(Weight::Invalid);
const BROKEN: Validate = Validate::Always(Weight::Broken);
const POLICY: Validate = Validate::Always(Weight::Policy);
const MODE: Validate = Validate::Where(Given::Mode, Weight::Broken, None);
const MODE_ELSE_POLICY: Validate =
    Validate::Where(Given::Mode, Weight::Broken, Some(Weight::Policy));
const HOST: Validate = Validate::Where(Given::Host, Weight::Broken, None);
const ENV_FILE: Validate = Validate::Where(Given::ModeAndEnvFile, Weight::Broken, None);

/// What is known of a rule besides its check.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo {
    /// The kebab-case name.
    pub name: &'static str,
    /// The level in a catalog.
    pub level: Level,
    /// Whether `waive` may silence it.
    pub waivable: bool,
    /// What it says of a Compose file without a catalog.
    pub validate: Validate,
    /// The page that `composegen explain` shows.
    pub page: &'static str,
}

macro_rules! rules {
    ($($variant:ident $name:literal $level:ident $waivable:literal $validate:ident;)*) => {
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
            validate: $validate,
            page: include_str!(concat!("rules/pages/", $name, ".md")),
        }),*];
    };
}

rules! {
    YamlSyntax "yaml-syntax" Error false INVALID;
    DuplicateKey "duplicate-key" Error false INVALID;
    UnknownKey "unknown-key" Error false INVALID;
    RefusedKey "refused-key" Error false NEVER;
    ScalarAmbiguous "scalar-ambiguous" Warning true BROKEN;
    WrongType "wrong-type" Error false INVALID;
    MissingField "missing-field" Error false INVALID;
    BadSize "bad-size" Error false INVALID;
    BadDuration "bad-duration" Error false INVALID;
    BadPort "bad-port" Error false INVALID;
    BadCpus "bad-cpus" Error false INVALID;
    BadName "bad-name" Error false INVALID;
    BadImage "bad-image" Error false INVALID;
    ValueRefused "value-refused" Error false BROKEN;
    BadExpression "bad-expression" Error false INVALID;
    OverrideWords "override-words" Error false NEVER;
    UnknownService "unknown-service" Error false INVALID;
    UnknownNetwork "unknown-network" Error false INVALID;
    UnknownVolume "unknown-volume" Error false INVALID;
    UnknownMode "unknown-mode" Error false NEVER;
    UnknownRole "unknown-role" Error false NEVER;
    UnknownProfile "unknown-profile" Error false NEVER;
    UnknownHost "unknown-host" Error false NEVER;
    UnknownFragment "unknown-fragment" Error false NEVER;
    UnknownSecret "unknown-secret" Error false INVALID;
    UnknownConfig "unknown-config" Error false INVALID;
    UnknownModel "unknown-model" Error false INVALID;
    UnknownOption "unknown-option" Error false NEVER;
    ChoiceRefused "choice-refused" Error false NEVER;
    ExtendsCycle "extends-cycle" Error false INVALID;
    FileUnreadable "file-unreadable" Error false INVALID;
    IncludeCycle "include-cycle" Error false INVALID;
    IncludeConflict "include-conflict" Error false INVALID;
    KeyConflict "key-conflict" Error false INVALID;
    ReplacesCycle "replaces-cycle" Error false NEVER;
    RoleForbidden "role-forbidden" Error false MODE_ELSE_POLICY;
    RoleRequired "role-required" Error false MODE_ELSE_POLICY;
    ServiceUnreachable "service-unreachable" Warning true NEVER;
    FragmentUnused "fragment-unused" Warning true NEVER;
    OverrideWithoutEffect "override-without-effect" Warning true NEVER;
    TwinWithoutReplaces "twin-without-replaces" Error true NEVER;
    MemoryLimitMissing "memory-limit-missing" Error false POLICY;
    CpuLimitMissing "cpu-limit-missing" Error false POLICY;
    ReservationOverLimit "reservation-over-limit" Error false BROKEN;
    ServiceOverHost "service-over-host" Error false HOST;
    MemoryBudget "memory-budget" Error false HOST;
    CpuBudget "cpu-budget" Error false HOST;
    ReservationBudget "reservation-budget" Error false HOST;
    ProcessMemoryOverLimit "process-memory-over-limit" Warning true BROKEN;
    LimitConflict "limit-conflict" Error false INVALID;
    PortConflict "port-conflict" Error false BROKEN;
    PortRandom "port-random" Warning true NEVER;
    DependencyAbsent "dependency-absent" Error false INVALID;
    DependencyCycle "dependency-cycle" Error false INVALID;
    DependencyWithoutHealthcheck "dependency-without-healthcheck" Error false BROKEN;
    JobDependedOn "job-depended-on" Error false NEVER;
    JobRestarts "job-restarts" Error false BROKEN;
    JobNotAwaited "job-not-awaited" Warning true BROKEN;
    HealthcheckMissing "healthcheck-missing" Warning true POLICY;
    HealthcheckPort "healthcheck-port" Error false BROKEN;
    CommandSyntax "command-syntax" Error false INVALID;
    CommandCut "command-cut" Warning true BROKEN;
    HealthcheckSyntax "healthcheck-syntax" Error false INVALID;
    PeerPort "peer-port" Error false BROKEN;
    PeerUnknown "peer-unknown" Warning true BROKEN;
    ModeLeak "mode-leak" Error true MODE;
    ModeVariableSet "mode-variable-set" Error false NEVER;
    SharedVolume "shared-volume" Error true NEVER;
    SharedBind "shared-bind" Error true NEVER;
    SharedNetwork "shared-network" Error true NEVER;
    SharedContainerName "shared-container-name" Error true NEVER;
    VariableUndeclared "variable-undeclared" Error false NEVER;
    VariableOperator "variable-operator" Error false NEVER;
    VariableUnused "variable-unused" Warning true NEVER;
    VariableDefaultConflict "variable-default-conflict" Error false BROKEN;
    SecretLiteral "secret-literal" Error false POLICY;
    SecretDefault "secret-default" Error false POLICY;
    SecretBuildArg "secret-build-arg" Error true POLICY;
    SecretInUrl "secret-in-url" Error false POLICY;
    ImageMissing "image-missing" Error false INVALID;
    ImageShared "image-shared" Error true NEVER;
    ImageUnpinned "image-unpinned" Warning true POLICY;
    Privileged "privileged" Warning true POLICY;
    DockerSocket "docker-socket" Warning true POLICY;
    HostNamespace "host-namespace" Warning true POLICY;
    CapabilityAdded "capability-added" Warning true POLICY;
    SensitiveMount "sensitive-mount" Warning true POLICY;
    PublicBind "public-bind" Warning true POLICY;
    BuildMissing "build-missing" Warning true NEVER;
    NetworkUnused "network-unused" Warning true POLICY;
    VolumeUnused "volume-unused" Warning true POLICY;
    ContainerNameDuplicate "container-name-duplicate" Error false INVALID;
    MountDuplicate "mount-duplicate" Error false BROKEN;
    AddressConflict "address-conflict" Error false BROKEN;
    EnvFormat "env-format" Error false ENV_FILE;
    EnvDuplicate "env-duplicate" Error false ENV_FILE;
    EnvComposeOverride "env-compose-override" Error false ENV_FILE;
    EnvDerived "env-derived" Error false ENV_FILE;
    EnvModeMismatch "env-mode-mismatch" Error false ENV_FILE;
    EnvModeLeak "env-mode-leak" Error false ENV_FILE;
    EnvUnset "env-unset" Error false ENV_FILE;
    EnvUnknown "env-unknown" Warning false NEVER;
    EnvPermissions "env-permissions" Warning false NEVER;
    GeneratedStale "generated-stale" Error false MODE;
    GeneratedEdited "generated-edited" Error false MODE;
    WaiverUnused "waiver-unused" Warning false NEVER;
    WaiverRefused "waiver-refused" Error false NEVER;
}

impl Validate {
    /// What a finding means where nothing is said beside the file.
    pub fn alone(self) -> Option<Weight> {
        match self {
            Validate::Never => None,
            Validate::Always(weight) => Some(weight),
            Validate::Where(_, _, otherwise) => otherwise,
        }
    }
}

impl Validate {
    /// What a finding means, given what is said beside the file; `None` where the rule does not judge it.
    pub fn weight(self, beside: Beside) -> Option<Weight> {
        match self {
            Validate::Where(given, weight, _) if given.is_in(beside) => Some(weight),
            Validate::Never | Validate::Always(_) | Validate::Where(..) => self.alone(),
        }
    }
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
    /// The page's first sentence, on one line: what is wrong when the rule fires.
    pub fn summary(&self) -> String {
        let lines = self.page.lines().skip(1).map(str::trim);
        let paragraph: Vec<&str> = lines
            .skip_while(|line| line.is_empty())
            .take_while(|line| !line.is_empty())
            .collect();
        let paragraph = paragraph.join(" ");
        match paragraph.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => paragraph,
        }
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
            let summary = info.summary();
            assert!(summary.ends_with('.'), "{}: {summary}", info.name);
            assert_eq!(Rule::named(info.name), Some(*rule));
        }
    }

    #[test]
    fn the_page_of_a_rule_that_judges_compose_files_speaks_of_them() {
        for rule in Rule::ALL {
            let RuleInfo { validate, page, .. } = rule.info();
            let words: Vec<&str> = page.split_whitespace().collect();
            let speaks = words.join(" ").contains("Compose file");
            assert!(*validate == Validate::Never || speaks, "{}", rule.name());
        }
    }
}
