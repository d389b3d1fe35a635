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
use super::scalar::{Is, Loose, Number, Swap, Text, Val};
use crate::model;
use crate::values::duration::Duration;
use crate::values::image::ImageRef;
use crate::values::interpolation::with_defaults;
use crate::values::memory::Memory;
use crate::values::restart::Restart;

model! {
    /// A service of the Compose Specification.
    pub struct Service<'s> {
        /// The image, such as influxdb:2.7; with `build`, the name of what is built.
        image "image": Val<'s, ImageRef<'s>>,
        /// How the image is made: a context such as ./api, or a map with context, dockerfile, args and more.
        build "build": BuildForm<'s>,
        /// A fixed name for the container, such as homeiq-influxdb; without it, Compose makes one of project and service. Two modes may not share one.
        container_name "container_name": Text<'s>,
        /// The profiles with which the service starts, such as [production]; without any, it always starts.
        profiles "profiles": List<'s, Text<'s>>,
        /// When the container is started again: no (the default), always, unless-stopped or on-failure, also on-failure:3.
        restart "restart": Val<'s, Restart>,
        /// What the service waits for before it starts.
        depends_on "depends_on": Keyed<'s, Dependency<'s>>,
        /// The program in place of the image's own, as a list of words or as one text: [python, -m, app].
        entrypoint "entrypoint": Command<'s>,
        /// The words behind the entrypoint in place of the image's own, as a list or as one text: [serve, --port, "8080"].
        command "command": Command<'s>,
        /// What the host publishes, as HOST:CONTAINER such as "8080:80", with an address "127.0.0.1:8080:80" for this machine alone.
        ports "ports": List<'s, Port<'s>>,
        /// Ports of the container that other containers reach and the host does not, such as [8086].
        expose "expose": List<'s, Loose<'s>>,
        /// The networks that it joins, as a list or by name with addresses and aliases; without it, the project's default one.
        networks "networks": Keyed<'s, Attachment<'s>>,
        /// Environment variables, as a map or as a list of NAME=value. NAME: without a value takes the variable as declared.
        environment "environment": Keyed<'s, EnvValue<'s>>,
        /// Files with NAME=value lines that the container gets as environment; what stands under environment wins.
        env_file "env_file": OneOrMany<'s, Either<Text<'s>, EnvFile<'s>>>,
        /// What is mounted, as SOURCE:TARGET such as db_data:/var/lib/db or ./conf:/etc/app:ro, or as a map with type, source and target.
        volumes "volumes": ByTarget<'s, Mount<'s>>,
        /// Secrets of the catalog that it may read, by name; each is a file below /run/secrets/.
        secrets "secrets": ByTarget<'s, FileMount<'s>>,
        /// How the engine probes whether the container works.
        healthcheck "healthcheck": Healthcheck<'s>,
        /// How it is deployed: replicas, placement, updates. Limits stand under memory and cpus instead.
        deploy "deploy": Deploy<'s>,
        /// Labels of its containers, as a map or a list, such as com.example.team: home.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// Where its output goes, and how much of it is kept.
        logging "logging": Logging<'s>,
    }

    /// The keys of a service that few files use, or few of its services.
    rare enum RareService {
        /// When to fetch the image: always, never, missing (the default without build), build, daily, weekly or every_<duration> such as every_12h.
        pull_policy "pull_policy" before container_name: Text<'s>,
        /// The folder in the container in which the program starts, such as /app; without it, the image's.
        working_dir "working_dir" before ports: Text<'s>,
        /// The user, or user and group, as which the program runs, such as "1000:1000"; without it, the image's.
        user "user" before ports: Loose<'s>,
        /// More groups of the user, by name or number, such as [dialout] for a serial port.
        group_add "group_add" before ports: List<'s, Loose<'s>>,
        /// true: a small init process stands before the program, reaps its children and hands signals on.
        init "init" before ports: Val<'s, bool>,
        /// How long the program may take to stop before it is killed, such as 30s; 10s without it.
        stop_grace_period "stop_grace_period" before ports: Val<'s, Duration>,
        /// In place of networks: host, none, bridge, service:NAME or container:NAME, to share that one's network.
        network_mode "network_mode" before environment: Text<'s>,
        /// The name that the container has for itself; without it, its id. Other containers use the service's name.
        hostname "hostname" before environment: Text<'s>,
        /// Names with fixed addresses for the container's /etc/hosts, such as "nas=192.168.1.5"; host-gateway stands for the host.
        extra_hosts "extra_hosts" before environment: Keyed<'s, HostAddress<'s>>,
        /// Folders in memory that are gone with the container, such as /tmp:size=64m. They count against its memory limit.
        tmpfs "tmpfs" before secrets: OneOrMany<'s, Text<'s>>,
        /// Configs of the catalog that it may read, by name; each is a file in the container.
        configs "configs" before healthcheck: ByTarget<'s, FileMount<'s>>,
        /// At most so many CPUs.
        cpus "cpus" before labels: Val<'s, Number<'s>>,
        /// At most so much memory.
        mem_limit "mem_limit" before labels: Val<'s, Memory>,
        /// At least so much memory.
        mem_reservation "mem_reservation" before labels: Val<'s, Memory>,
        /// Kernel capabilities that it gets beyond the usual ones, such as [NET_ADMIN]; ALL for every one.
        cap_add "cap_add" before labels: List<'s, Text<'s>>,
        /// Kernel capabilities that are taken from it; ALL for every one, and cap_add then gives back what is needed.
        cap_drop "cap_drop" before labels: List<'s, Text<'s>>,
        /// Security options, such as no-new-privileges:true, or a profile of seccomp or AppArmor.
        security_opt "security_opt" before labels: List<'s, Text<'s>>,
        /// true: its root file system cannot be written; volumes and tmpfs can.
        read_only "read_only" before labels: Val<'s, bool>,
        /// After how long a fetched image is fetched again, such as 24h.
        pull_refresh_after "pull_refresh_after": Text<'s>,
        /// The platform to run on, such as linux/arm64; without it, the machine's own.
        platform "platform": Text<'s>,
        /// A service of this or another file whose keys are taken over.
        extends "extends": Either<Text<'s>, ExtendsFrom<'s>>,
        /// A program that provides the service in place of a container, such as a tool that sets up a database in a cloud.
        provider "provider": Provider<'s>,
        /// The signal that asks the program to stop, such as SIGINT; without it, the image's, mostly SIGTERM.
        stop_signal "stop_signal": Text<'s>,
        /// Commands that Compose runs in the container after it has started.
        post_start "post_start": List<'s, Hook<'s>>,
        /// Commands that Compose runs in the container before it stops it; not where it ends by itself.
        pre_stop "pre_stop": List<'s, Hook<'s>>,
        /// The domain that the container has for itself, such as home.arpa.
        domainname "domainname": Text<'s>,
        /// Name servers to ask in place of the engine's, such as 192.168.1.1.
        dns "dns": OneOrMany<'s, Text<'s>>,
        /// Options of the resolver in the container, such as ["ndots:1"].
        dns_opt "dns_opt": List<'s, Text<'s>>,
        /// Domains that are tried behind a name without dots, such as home.arpa.
        dns_search "dns_search": OneOrMany<'s, Text<'s>>,
        /// An old way to reach containers of this project by another name, as SERVICE:ALIAS; they are reached by name without it.
        links "links": List<'s, Text<'s>>,
        /// An old way to reach containers outside of this project, as CONTAINER:ALIAS; an external network does it better.
        external_links "external_links": List<'s, Text<'s>>,
        /// A fixed MAC address of the container, such as 02:42:ac:11:00:02.
        mac_address "mac_address": Text<'s>,
        /// AI models that the service uses, by name; Compose hands over address and name of each in variables.
        models "models": Keyed<'s, ModelUse<'s>>,
        /// Services, or container:NAME, whose mounts are taken over, with :ro for reading alone.
        volumes_from "volumes_from": List<'s, Text<'s>>,
        /// Devices of the host that it may use, such as /dev/ttyUSB0:/dev/ttyUSB0.
        devices "devices": List<'s, Either<Text<'s>, DeviceMapping<'s>>>,
        /// Which kinds of devices it may use, as the kernel writes it: "c 188:* rmw".
        device_cgroup_rules "device_cgroup_rules": List<'s, Text<'s>>,
        /// The GPUs it may use: all, or a list of requests with driver and count.
        gpus "gpus": Gpus<'s>,
        /// How many containers of the service run at once; 1 without it. Budgets count each.
        scale "scale": Val<'s, i64>,
        /// How many CPUs it may use, on Windows alone.
        cpu_count "cpu_count": Val<'s, Number<'s>>,
        /// What share of the CPUs it may use, in per cent, on Windows alone.
        cpu_percent "cpu_percent": Val<'s, Number<'s>>,
        /// Its weight against other containers where CPUs are short; 1024 without it. No limit.
        cpu_shares "cpu_shares": Val<'s, Number<'s>>,
        /// CPU time that it may use in a cpu_period, in microseconds or as 50ms; cpus says the same in one number.
        cpu_quota "cpu_quota": Loose<'s>,
        /// The length of the period for cpu_quota, in microseconds or as 100ms, which is the default.
        cpu_period "cpu_period": Loose<'s>,
        /// Real-time CPU time in a cpu_rt_period, in microseconds or as 400ms.
        cpu_rt_runtime "cpu_rt_runtime": Loose<'s>,
        /// The length of the period for cpu_rt_runtime, in microseconds or as 1400us.
        cpu_rt_period "cpu_rt_period": Loose<'s>,
        /// The CPUs it may run on, by number, such as 0-3 or 0,1.
        cpuset "cpuset": Text<'s>,
        /// How eagerly its memory is swapped, from 0 (hardly) to 100; without it, as the host does.
        mem_swappiness "mem_swappiness": Val<'s, i64>,
        /// Memory and swap together, such as 1G; -1 for any amount of swap, the memory limit again for none.
        memswap_limit "memswap_limit": Val<'s, Swap>,
        /// true: the kernel may not kill it where memory is short. Then it hangs instead, and others are killed.
        oom_kill_disable "oom_kill_disable": Val<'s, bool>,
        /// How soon the kernel kills it where memory is short, from -1000 (never) to 1000 (first).
        oom_score_adj "oom_score_adj": Val<'s, i64>,
        /// The most processes and threads it may have at once, such as 200; -1 for any number.
        pids_limit "pids_limit": Val<'s, i64>,
        /// The size of /dev/shm, memory that its processes share, such as 256M; 64M without it.
        shm_size "shm_size": Val<'s, Memory>,
        /// Limits of its processes, by name: nofile: 65536, or with a soft and a hard one.
        ulimits "ulimits": Keyed<'s, Ulimit<'s>>,
        /// Weight and rates of its disk traffic, in all and by device.
        blkio_config "blkio_config": BlkioConfig<'s>,
        /// Options of the engine's storage driver, such as size: 10G for the container's own layer.
        storage_opt "storage_opt": Keyed<'s, Loose<'s>>,
        /// true: it may do on the host what root may. devices and cap_add are mostly enough.
        privileged "privileged": Val<'s, bool>,
        /// Kernel parameters of the container, such as net.core.somaxconn: 1024.
        sysctls "sysctls": Keyed<'s, EnvValue<'s>>,
        /// host: the users of the container are those of the host, where the engine keeps them apart otherwise.
        userns_mode "userns_mode": Text<'s>,
        /// Whose processes it sees: host, service:NAME or container:NAME; without it, its own.
        pid "pid": Text<'s>,
        /// Whose shared memory it uses: host, shareable, service:NAME or container:NAME; without it, its own.
        ipc "ipc": Text<'s>,
        /// host: it has the host's name and may change it.
        uts "uts": Text<'s>,
        /// Which control groups it sees: host, or private for its own.
        cgroup "cgroup": Text<'s>,
        /// The control group of the host below which the container's is made, such as homeiq.slice.
        cgroup_parent "cgroup_parent": Text<'s>,
        /// How containers are kept apart, on Windows alone: default, process or hyperv.
        isolation "isolation": Text<'s>,
        /// The program of the engine that runs the container, such as runc or nvidia; without it, the engine's default.
        runtime "runtime": Text<'s>,
        /// Credentials of a managed service account, on Windows alone.
        credential_spec "credential_spec": CredentialSpec<'s>,
        /// true: it gets the engine's socket and the person's logins to registries, and with them the host.
        use_api_socket "use_api_socket": Val<'s, bool>,
        /// true: its standard input stays open, as `docker run --interactive` does.
        stdin_open "stdin_open": Val<'s, bool>,
        /// true: it has a terminal, as `docker run --tty` does.
        tty "tty": Val<'s, bool>,
        /// false: `docker compose up` does not show its output; `docker compose logs` does.
        attach "attach": Val<'s, bool>,
        /// How `docker compose watch` carries changes of the sources into the running container.
        develop "develop": Develop<'s>,
        /// Files with NAME=value lines that become labels of its containers.
        label_file "label_file": OneOrMany<'s, Text<'s>>,
        /// Annotations of its containers, which the runtime reads; people mostly mean labels.
        annotations "annotations": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// Compose's own map form of extends.
    pub struct ExtendsFrom<'s> {
        /// The service whose keys are taken over.
        service "service": Text<'s>,
        /// The Compose file that holds that service.
        file "file": Text<'s>,
    }
}

model! {
    /// A file with environment variables.
    pub struct EnvFile<'s> {
        /// The path of the env file, from the project's folder on, such as ./api.env.
        path "path": Text<'s>,
        /// false: the service starts without the file, too.
        required "required": Val<'s, bool>,
        /// How the file is read; raw takes values as they are, without quotes or ${ }.
        format "format": Text<'s>,
    }
}

model! {
    /// A device of the host.
    pub struct DeviceMapping<'s> {
        /// The device's path on the host, such as /dev/ttyUSB0.
        source "source": Text<'s>,
        /// The device's path in the container.
        target "target": Text<'s>,
        /// What is allowed: r to read, w to write, m to make such devices; rwm without it.
        permissions "permissions": Text<'s>,
    }
}

model! {
    /// Where the output goes.
    pub struct Logging<'s> {
        /// The logging driver, such as json-file, local or journald.
        driver "driver": Text<'s>,
        /// Options of the logging driver, such as max-size: 10m and max-file: "3" for json-file.
        options "options": Keyed<'s, Loose<'s>>,
    }
}

/// A limit of processes: one number, or a soft and a hard one.
pub type Ulimit<'s> = Either<Val<'s, i64>, SoftHard<'s>>;

model! {
    /// A soft and a hard limit.
    pub struct SoftHard<'s> {
        /// The limit that a process starts with, such as 20000.
        soft "soft": Val<'s, i64>,
        /// The limit up to which a process may raise its own, such as 40000.
        hard "hard": Val<'s, i64>,
    }
}

model! {
    /// Limits of disk traffic.
    pub struct BlkioConfig<'s> {
        /// Its weight against other containers where the disk is busy, from 10 to 1000.
        weight "weight": Val<'s, i64>,
        /// The weight by device, each with path and weight.
        weight_device "weight_device": List<'s, DeviceWeight<'s>>,
        /// The most bytes that it reads in a second, by device.
        device_read_bps "device_read_bps": List<'s, DeviceRate<'s>>,
        /// The most reads in a second, by device.
        device_read_iops "device_read_iops": List<'s, DeviceRate<'s>>,
        /// The most bytes that it writes in a second, by device.
        device_write_bps "device_write_bps": List<'s, DeviceRate<'s>>,
        /// The most writes in a second, by device.
        device_write_iops "device_write_iops": List<'s, DeviceRate<'s>>,
    }
}

model! {
    /// The weight of a device.
    pub struct DeviceWeight<'s> {
        /// The device by its path on the host, such as /dev/sda.
        path "path": Text<'s>,
        /// The weight of this device for the container, from 10 to 1000.
        weight "weight": Val<'s, i64>,
    }
}

model! {
    /// The rate of a device.
    pub struct DeviceRate<'s> {
        /// The device by its path on the host, such as /dev/sda.
        path "path": Text<'s>,
        /// So much in a second: bytes such as 12mb, or a number of operations.
        rate "rate": Loose<'s>,
    }
}

model! {
    /// Credentials of a managed account.
    pub struct CredentialSpec<'s> {
        /// The config that holds the credential.
        config "config": Text<'s>,
        /// The file that holds the credential, as file://NAME.
        file "file": Text<'s>,
        /// The value of the Windows registry that holds the credential.
        registry "registry": Text<'s>,
    }
}

impl<'s> Service<'s> {
    /// How many containers run at once: `deploy.replicas`, else `scale`, else one. A variable counts by its default.
    pub fn replicas(&self, arena: &'s bumpalo::Bump) -> i64 {
        self.written_replicas()
            .and_then(|value| value.with_defaults(arena))
            .unwrap_or(1)
            .max(0)
    }

    /// Whether that is sure: only a variable without a number as its default leaves it open.
    pub fn knows_replicas(&self) -> bool {
        match self.written_replicas().map(|value| value.is) {
            Some(Is::Open(text)) => {
                with_defaults(text).is_some_and(|text| text.parse::<u32>().is_ok())
            }
            Some(Is::Known(_) | Is::Bad) | None => true,
        }
    }

    fn written_replicas(&self) -> Option<&'s Val<'s, i64>> {
        let replicas = self.deploy.and_then(|deploy| deploy.replicas);
        replicas.or(self.scale())
    }
}
