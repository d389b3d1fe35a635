//! The service: every key of the Compose Specification, in the order in which we write them.

use super::build::BuildForm;
use super::command::Command;
use super::deploy::{Dependency, Deploy, Gpus};
use super::develop::{Develop, Hook, ModelUse, Provider};
use super::health::Healthcheck;
use super::keyed::{EnvValue, Keyed};
use super::list::{ByTarget, Either, List, OneOrMany};
use super::mounts::{FileMount, Mount};
use super::network::{Attachment, HostAddress};
use super::ports::Port;
use super::scalar::{Loose, Number, Swap, Text, Val};
use crate::model;
use crate::values::duration::Duration;
use crate::values::image::ImageRef;
use crate::values::memory::Memory;
use crate::values::restart::Restart;

model! {
    /// A service of the Compose Specification.
    pub struct Service<'s> {
        /// The image, such as influxdb:2.7; with `build`, the name of what is built.
        image "image": Val<'s, ImageRef<'s>>,
        /// How the image is made: a context, or more.
        build "build": BuildForm<'s>,
        /// When to fetch the image: always, never, missing, build, daily, weekly or every_<duration>.
        pull_policy "pull_policy": Text<'s>,
        /// After how long a fetched image is fetched again.
        pull_refresh_after "pull_refresh_after": Text<'s>,
        /// The platform, such as linux/arm64.
        platform "platform": Text<'s>,
        /// A fixed name for the container. Two modes may not share one.
        container_name "container_name": Text<'s>,
        /// The profiles with which the service starts.
        profiles "profiles": List<'s, Text<'s>>,
        /// A service of this or another file whose keys are taken over.
        extends "extends": Either<Text<'s>, ExtendsFrom<'s>>,
        /// A program that provides the service in place of a container.
        provider "provider": Provider<'s>,
        /// When the container is started again: no, always, unless-stopped or on-failure.
        restart "restart": Val<'s, Restart>,
        /// What the service waits for before it starts.
        depends_on "depends_on": Keyed<'s, Dependency<'s>>,
        /// The program, in place of the image's own.
        entrypoint "entrypoint": Command<'s>,
        /// The command, in place of the image's own.
        command "command": Command<'s>,
        /// The folder in which it starts.
        working_dir "working_dir": Text<'s>,
        /// The user (and group) as which it runs.
        user "user": Loose<'s>,
        /// More groups of the user.
        group_add "group_add": List<'s, Loose<'s>>,
        /// Whether a small init process reaps children and forwards signals.
        init "init": Val<'s, bool>,
        /// The signal that asks it to stop.
        stop_signal "stop_signal": Text<'s>,
        /// How long it may take to stop before it is killed.
        stop_grace_period "stop_grace_period": Val<'s, Duration>,
        /// Commands that run in the container after it started.
        post_start "post_start": List<'s, Hook<'s>>,
        /// Commands that run in the container before it stops.
        pre_stop "pre_stop": List<'s, Hook<'s>>,
        /// The ports that the host publishes.
        ports "ports": List<'s, Port<'s>>,
        /// Ports for other containers only.
        expose "expose": List<'s, Loose<'s>>,
        /// The networks that it joins.
        networks "networks": Keyed<'s, Attachment<'s>>,
        /// host, none, bridge, service:NAME or container:NAME.
        network_mode "network_mode": Text<'s>,
        /// Its host name.
        hostname "hostname": Text<'s>,
        /// Its domain name.
        domainname "domainname": Text<'s>,
        /// Names with fixed addresses.
        extra_hosts "extra_hosts": Keyed<'s, HostAddress<'s>>,
        /// Name servers.
        dns "dns": OneOrMany<'s, Text<'s>>,
        /// Options of the resolver.
        dns_opt "dns_opt": List<'s, Text<'s>>,
        /// Domains to search.
        dns_search "dns_search": OneOrMany<'s, Text<'s>>,
        /// Links to containers of this project.
        links "links": List<'s, Text<'s>>,
        /// Links to containers outside of this project.
        external_links "external_links": List<'s, Text<'s>>,
        /// A fixed MAC address.
        mac_address "mac_address": Text<'s>,
        /// Environment variables. NAME: without a value takes the variable as declared.
        environment "environment": Keyed<'s, EnvValue<'s>>,
        /// Files with environment variables.
        env_file "env_file": OneOrMany<'s, Either<Text<'s>, EnvFile<'s>>>,
        /// Models that it uses.
        models "models": Keyed<'s, ModelUse<'s>>,
        /// Volumes and folders that are mounted.
        volumes "volumes": ByTarget<'s, Mount<'s>>,
        /// Containers or services whose mounts are taken over.
        volumes_from "volumes_from": List<'s, Text<'s>>,
        /// Folders in memory.
        tmpfs "tmpfs": OneOrMany<'s, Text<'s>>,
        /// Secrets that it reads.
        secrets "secrets": ByTarget<'s, FileMount<'s>>,
        /// Configs that it reads.
        configs "configs": ByTarget<'s, FileMount<'s>>,
        /// Devices of the host.
        devices "devices": List<'s, Either<Text<'s>, DeviceMapping<'s>>>,
        /// Rules for devices.
        device_cgroup_rules "device_cgroup_rules": List<'s, Text<'s>>,
        /// GPUs.
        gpus "gpus": Gpus<'s>,
        /// How the engine probes whether the container works.
        healthcheck "healthcheck": Healthcheck<'s>,
        /// Replicas, limits, reservations.
        deploy "deploy": Deploy<'s>,
        /// How many containers of the service run at once.
        scale "scale": Val<'s, i64>,
        /// At most so many CPUs.
        cpus "cpus": Val<'s, Number<'s>>,
        /// CPUs of Windows.
        cpu_count "cpu_count": Val<'s, Number<'s>>,
        /// Percentage of the CPUs of Windows.
        cpu_percent "cpu_percent": Val<'s, Number<'s>>,
        /// Weight among containers.
        cpu_shares "cpu_shares": Val<'s, Number<'s>>,
        /// CPU time in a period.
        cpu_quota "cpu_quota": Loose<'s>,
        /// The period.
        cpu_period "cpu_period": Loose<'s>,
        /// Real-time runtime.
        cpu_rt_runtime "cpu_rt_runtime": Loose<'s>,
        /// Real-time period.
        cpu_rt_period "cpu_rt_period": Loose<'s>,
        /// On which CPUs it may run.
        cpuset "cpuset": Text<'s>,
        /// At most so much memory.
        mem_limit "mem_limit": Val<'s, Memory>,
        /// At least so much memory.
        mem_reservation "mem_reservation": Val<'s, Memory>,
        /// How eagerly memory is swapped, 0 to 100.
        mem_swappiness "mem_swappiness": Val<'s, i64>,
        /// Memory and swap together; -1 for any amount of swap.
        memswap_limit "memswap_limit": Val<'s, Swap>,
        /// Whether the kernel may not kill it for memory.
        oom_kill_disable "oom_kill_disable": Val<'s, bool>,
        /// How soon the kernel kills it for memory, -1000 to 1000.
        oom_score_adj "oom_score_adj": Val<'s, i64>,
        /// At most so many processes.
        pids_limit "pids_limit": Val<'s, i64>,
        /// Size of /dev/shm.
        shm_size "shm_size": Val<'s, Memory>,
        /// Limits of its processes.
        ulimits "ulimits": Keyed<'s, Ulimit<'s>>,
        /// Limits of disk traffic.
        blkio_config "blkio_config": BlkioConfig<'s>,
        /// Options of the storage driver.
        storage_opt "storage_opt": Keyed<'s, Loose<'s>>,
        /// Capabilities it gets.
        cap_add "cap_add": List<'s, Text<'s>>,
        /// Capabilities it loses.
        cap_drop "cap_drop": List<'s, Text<'s>>,
        /// Security options.
        security_opt "security_opt": List<'s, Text<'s>>,
        /// Whether it may do on the host what root may.
        privileged "privileged": Val<'s, bool>,
        /// Whether its root file system is read-only.
        read_only "read_only": Val<'s, bool>,
        /// Kernel parameters.
        sysctls "sysctls": Keyed<'s, EnvValue<'s>>,
        /// Which user namespace.
        userns_mode "userns_mode": Text<'s>,
        /// Which PID namespace.
        pid "pid": Text<'s>,
        /// Which IPC namespace.
        ipc "ipc": Text<'s>,
        /// Which UTS namespace.
        uts "uts": Text<'s>,
        /// Which cgroup namespace.
        cgroup "cgroup": Text<'s>,
        /// Below which cgroup.
        cgroup_parent "cgroup_parent": Text<'s>,
        /// How containers are kept apart (Windows).
        isolation "isolation": Text<'s>,
        /// The runtime, such as runc.
        runtime "runtime": Text<'s>,
        /// Credentials of a managed account (Windows).
        credential_spec "credential_spec": CredentialSpec<'s>,
        /// Whether it may speak to the engine.
        use_api_socket "use_api_socket": Val<'s, bool>,
        /// Whether its input stays open.
        stdin_open "stdin_open": Val<'s, bool>,
        /// Whether it has a terminal.
        tty "tty": Val<'s, bool>,
        /// Whether its output is shown by `up`.
        attach "attach": Val<'s, bool>,
        /// How a container follows its sources while one works on them.
        develop "develop": Develop<'s>,
        /// Labels of its containers.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// Files with labels.
        label_file "label_file": OneOrMany<'s, Text<'s>>,
        /// Annotations of its containers.
        annotations "annotations": Keyed<'s, EnvValue<'s>>,
        /// Where its output goes.
        logging "logging": Logging<'s>,
    }
}

model! {
    /// Compose's own map form of extends.
    pub struct ExtendsFrom<'s> {
        /// The service.
        service "service": Text<'s>,
        /// The file that holds it.
        file "file": Text<'s>,
    }
}

model! {
    /// A file with environment variables.
    pub struct EnvFile<'s> {
        /// Its path.
        path "path": Text<'s>,
        /// Whether it must be there.
        required "required": Val<'s, bool>,
        /// How it is read; `raw` takes values as they are.
        format "format": Text<'s>,
    }
}

model! {
    /// A device of the host.
    pub struct DeviceMapping<'s> {
        /// Its path on the host.
        source "source": Text<'s>,
        /// Its path in the container.
        target "target": Text<'s>,
        /// r, w, m.
        permissions "permissions": Text<'s>,
    }
}

model! {
    /// Where the output goes.
    pub struct Logging<'s> {
        /// The driver, such as json-file.
        driver "driver": Text<'s>,
        /// Options of the driver.
        options "options": Keyed<'s, Loose<'s>>,
    }
}

/// A limit of processes: one number, or a soft and a hard one.
pub type Ulimit<'s> = Either<Val<'s, i64>, SoftHard<'s>>;

model! {
    /// A soft and a hard limit.
    pub struct SoftHard<'s> {
        /// What a process starts with.
        soft "soft": Val<'s, i64>,
        /// What it may raise it to.
        hard "hard": Val<'s, i64>,
    }
}

model! {
    /// Limits of disk traffic.
    pub struct BlkioConfig<'s> {
        /// Weight among containers, 10 to 1000.
        weight "weight": Val<'s, i64>,
        /// Weight by device.
        weight_device "weight_device": List<'s, DeviceWeight<'s>>,
        /// Bytes read in a second, by device.
        device_read_bps "device_read_bps": List<'s, DeviceRate<'s>>,
        /// Reads in a second, by device.
        device_read_iops "device_read_iops": List<'s, DeviceRate<'s>>,
        /// Bytes written in a second, by device.
        device_write_bps "device_write_bps": List<'s, DeviceRate<'s>>,
        /// Writes in a second, by device.
        device_write_iops "device_write_iops": List<'s, DeviceRate<'s>>,
    }
}

model! {
    /// The weight of a device.
    pub struct DeviceWeight<'s> {
        /// The device.
        path "path": Text<'s>,
        /// The weight.
        weight "weight": Val<'s, i64>,
    }
}

model! {
    /// The rate of a device.
    pub struct DeviceRate<'s> {
        /// The device.
        path "path": Text<'s>,
        /// Bytes or operations in a second.
        rate "rate": Loose<'s>,
    }
}

model! {
    /// Credentials of a managed account.
    pub struct CredentialSpec<'s> {
        /// A config that holds them.
        config "config": Text<'s>,
        /// A file that holds them.
        file "file": Text<'s>,
        /// A registry value that holds them.
        registry "registry": Text<'s>,
    }
}

impl<'s> Service<'s> {
    /// How many containers run at once: `deploy.replicas`, else `scale`, else one. A variable counts by its default.
    pub fn replicas(&self, arena: &'s bumpalo::Bump) -> i64 {
        let replicas = self
            .deploy
            .and_then(|deploy| deploy.replicas)
            .or(self.scale);
        replicas
            .and_then(|value| value.with_defaults(arena))
            .unwrap_or(1)
            .max(0)
    }
}
