"""Prepares InfluxDB 2 for one mode, and hands its services their token.

Docker Compose runs this once at every start, before any service that uses InfluxDB. It makes what is missing and
leaves what is there: the first setup, the organisation, the buckets, and one authorization that may read and write
these buckets and nothing else. InfluxDB chooses that authorization's token itself, so nobody can know it beforehand.
This job writes it into a file from which Compose gives it to the services (`env_file`).

Compose reads that file before it starts anything, this job included. So the job sees which token this start hands
out. Where that is not the right one, it stores the right one and ends with 1, and no service starts with a wrong
token; the same command then works when it is run again. With the argument `store` it ends with 0 there.

Ends with 0: all is right; 1: stored, run the same command again; 2: it could not be done, and why.

Python's standard library alone. The API is that of InfluxDB 2.0 and later:
https://docs.influxdata.com/influxdb/v2/api/
"""

import fcntl
import http.client
import json
import os
import re
import signal
import stat
import sys
import time
import urllib.parse

DONE, AGAIN, FAILED = 0, 1, 2

USAGE = "usage: init.py [store] [--shorten]"

# Seconds: for one request, for all of them together unless INIT_WAIT says otherwise, and between two attempts.
REQUEST_TIMEOUT = 10
WAIT = 120
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5

# More than this is no answer of InfluxDB's that this job asks for; the container has 64 MiB.
MOST_BYTES = 4 << 20

# What InfluxDB's tokens are made of. None of it means anything to Compose, so the file needs no quotes.
TOKEN = re.compile(r"[A-Za-z0-9_\-+/=.~]+")
STORED = re.compile(rb"INFLUXDB_TOKEN=([A-Za-z0-9_\-+/=.~]+)\n")

UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


class Failed(Exception):
    """What trying again does not mend; the text is for people."""


class Passing(Exception):
    """What may pass: InfluxDB is starting, busy, or somebody else was quicker. The whole is tried again."""


class Late(Passing):
    """A request took too long; wherever the alarm rings, it is one of these."""


class Log:
    """Lines on standard error, each once, without any of the secrets."""

    def __init__(self, secrets):
        self.secrets = [secret for secret in secrets if len(secret) >= 4]
        self.said = set()

    def say(self, line):
        """Says a line, unless it was said before."""
        for secret in self.secrets:
            line = line.replace(secret, "(hidden)")
        line = "".join(sign if sign.isprintable() else " " for sign in line)
        if line not in self.said:
            self.said.add(line)
            print(f"influxdb-init: {line}", file=sys.stderr, flush=True)


class Settings:
    """What the environment and the command line ask for."""

    def __init__(self, environment, arguments):
        unknown = [word for word in arguments if word not in ("store", "--shorten")]
        if unknown:
            raise Failed(f"`{unknown[0]}` is not known; {USAGE}")
        self.store_only = "store" in arguments
        self.shorten = "--shorten" in arguments
        self.environment = environment
        self.url = address(self.need("INFLUXDB_URL"))
        self.operator = self.need("INFLUXDB_ADMIN_TOKEN")
        if not re.fullmatch(r"[!-~]+", self.operator):
            raise Failed("`INFLUXDB_ADMIN_TOKEN` holds a blank or another character that no header can carry")
        self.org = self.need("INIT_ORG")
        self.buckets = buckets(self.need("INIT_BUCKETS"))
        self.description = self.need("INIT_DESCRIPTION")
        self.file = self.need("INIT_FILE")
        self.wait = seconds_to_wait(environment.get("INIT_WAIT", ""))
        self.given = environment.get("INFLUXDB_TOKEN", "")

    def need(self, name):
        """The value of a variable that must be set."""
        value = self.environment.get(name, "")
        if not value:
            raise Failed(f"`{name}` is not set")
        return value


def address(url):
    """The parts of InfluxDB's address; a path, a user or another scheme has no place there."""
    try:
        parts = urllib.parse.urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise Failed("`INFLUXDB_URL` must be http://HOST:PORT and nothing more")
    return parts


def buckets(text):
    """The buckets in `name=retention name=retention`, as pairs of name and seconds."""
    pairs = [word.rpartition("=") for word in text.split()]
    for name, _, retention in pairs:
        if not name or not re.fullmatch(r"0|([0-9]{1,6}[wdhms])+", retention):
            raise Failed(f"`INIT_BUCKETS` must be like `events=7d weather=180d`, not `{text}`")
    if not pairs:
        raise Failed("`INIT_BUCKETS` names no bucket")
    return [(name, seconds(retention)) for name, _, retention in pairs]


def seconds(retention):
    """A retention such as `7d` or `1d12h` in seconds; 0 is for ever, as InfluxDB has it."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"([0-9]+)([wdhms])", retention))


def shown(retention):
    """Seconds as people write a retention."""
    if not retention:
        return "everything for ever"
    size = next(unit for unit in "dhms" if retention % UNITS[unit] == 0)
    return f"{retention // UNITS[size]}{size}"


def seconds_to_wait(text):
    """How long to try, in seconds."""
    if text and not re.fullmatch(r"[0-9]{1,5}", text):
        raise Failed(f"`INIT_WAIT` must be a number of seconds, not `{text}`")
    return int(text or WAIT)


class Influx:
    """InfluxDB's HTTP API, as far as this job needs it. No proxy and no redirect is ever followed."""

    def __init__(self, settings):
        self.url = settings.url
        self.operator = settings.operator
        self.ends = time.monotonic() + settings.wait

    def left(self):
        """Seconds until this job gives up."""
        return self.ends - time.monotonic()

    def ask(self, method, path, body=None, token=None, **query):
        """Sends a request; gives the status and the object that was answered. `query` is for the address.

        Only what trying again may mend is raised here: no answer, half of one, 429, 5xx, or no JSON."""
        what = f"{method} {path}"
        path = urllib.parse.quote(path)
        if query:
            path += "?" + urllib.parse.urlencode(query)
        signal.setitimer(signal.ITIMER_REAL, max(0.05, min(REQUEST_TIMEOUT, self.left())))
        try:
            status, text = self.exchange(method, path, body, token or self.operator)
        except Late:
            raise Passing(f"{what}: no answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            raise Passing(f"{what}: {reason(error)}") from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if status == 429 or status >= 500:
            raise Passing(f"{what}: answered {status}")
        return status, answer(what, text)

    def exchange(self, method, path, body, token):
        """One request on a connection of its own; gives status and bytes."""
        secure = self.url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port)
        try:
            headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            promised = response.length or 0
            text = response.read(MOST_BYTES + 1)
            if len(text) < min(promised, MOST_BYTES):
                raise http.client.IncompleteRead(text)
            return response.status, text
        finally:
            connection.close()

    def get(self, path, **query):
        """Finds something; an empty object where InfluxDB says that there is none."""
        status, found = self.ask("GET", path, **query)
        return {} if status == 404 else expect(status, found, f"GET {path}")

    def send(self, method, path, body=None):
        """Makes, changes or removes something, and gives what InfluxDB answered."""
        status, made = self.ask(method, path, body)
        return expect(status, made, f"{method} {path}")


def reason(error):
    """Why there was no answer, in few words; never what was sent."""
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, OSError) and not isinstance(error, ConnectionError):
        return os.strerror(error.errno) if error.errno and error.errno > 0 else "the name is not known"
    return "the connection broke off"


def answer(what, text):
    """The object in an answer; an empty text counts as an empty object."""
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        value = None
    if len(text) > MOST_BYTES or not isinstance(value, dict):
        raise Passing(f"{what}: answered something that is not InfluxDB's")
    return value


def expect(status, value, what):
    """The answer of a request that went well; otherwise says what InfluxDB said."""
    if 200 <= status < 300:
        return value
    if value.get("code") == "conflict":
        raise Passing(f"{what}: it is there meanwhile")
    message = str(value.get("message") or "no reason given")[:200]
    if status in (401, 403):
        raise Failed(
            f"InfluxDB refuses the token in `INFLUXDB_ADMIN_TOKEN` ({status}: {message}). It must be the operator "
            "token with which this InfluxDB was set up, in every mode the same"
        )
    raise Failed(f"{what}: InfluxDB answered {status}: {message}")


def text_of(value, key, what):
    """A text that an answer must hold."""
    text = value.get(key)
    if not isinstance(text, str) or not text:
        raise Passing(f"{what}: answered without `{key}`")
    return text


def items_of(value, key):
    """The objects of a list in an answer; none where there is no such list."""
    items = value.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


class Job:
    """The work of one start."""

    def __init__(self, settings, log):
        self.settings = settings
        self.log = log
        self.influx = Influx(settings)
        self.file = TokenFile(settings.file)

    def run(self):
        """Tries until it is done, or until the time is over; gives the exit status.

        Every attempt begins at the start, and finds before it makes. So it does no harm when InfluxDB did something
        and its answer was lost, or when this job was killed anywhere."""
        pause = FIRST_PAUSE
        while True:
            try:
                with self.file.locked():
                    return self.attempt()
            except Passing as passing:
                if self.influx.left() <= pause:
                    waited = self.settings.wait
                    raise Failed(f"gave up after {waited} s, at {self.settings.url.geturl()}: {passing}") from None
                self.log.say(f"waiting for InfluxDB: {passing}")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def attempt(self):
        """Brings everything into order once."""
        self.ready()
        self.set_up()
        org = self.organisation()
        ids = [self.bucket(org, name, keep) for name, keep in self.settings.buckets]
        return self.hand_over(Authorizations(self, org, ids))

    def ready(self):
        """Waits until InfluxDB says that it is well."""
        status, health = self.influx.ask("GET", "/health")
        if status != 200 or health.get("status") != "pass":
            raise Passing("GET /health: it is not ready yet")

    def set_up(self):
        """The first setup, which the image does itself on an empty volume; done here where it was not."""
        if self.influx.get("/api/v2/setup").get("allowed") is not True:
            return
        name, keep = self.settings.buckets[0]
        self.influx.send("POST", "/api/v2/setup", {
            "username": self.settings.need("INFLUXDB_USERNAME"),
            "password": self.settings.need("INFLUXDB_PASSWORD"),
            "token": self.settings.operator,
            "org": self.settings.org,
            "bucket": name,
            "retentionPeriodSeconds": keep,
        })
        self.log.say("InfluxDB was empty: set it up")

    def organisation(self):
        """The id of the organisation."""
        name = self.settings.org
        found = items_of(self.influx.get("/api/v2/orgs", org=name), "orgs")
        for org in found:
            if org.get("name") == name:
                return text_of(org, "id", "GET /api/v2/orgs")
        made = self.influx.send("POST", "/api/v2/orgs", {"name": name})
        self.log.say(f"made the organisation `{name}`")
        return text_of(made, "id", "POST /api/v2/orgs")

    def bucket(self, org, name, keep):
        """The id of a bucket, which keeps what it holds as long as it is to."""
        found = items_of(self.influx.get("/api/v2/buckets", orgID=org, name=name), "buckets")
        for bucket in found:
            if bucket.get("name") == name:
                self.retention(bucket, keep)
                return text_of(bucket, "id", "GET /api/v2/buckets")
        body = {"orgID": org, "name": name, "retentionRules": rules(keep)}
        made = self.influx.send("POST", "/api/v2/buckets", body)
        self.log.say(f"made the bucket `{name}`, which keeps {shown(keep)}")
        return text_of(made, "id", "POST /api/v2/buckets")

    def retention(self, bucket, keep):
        """Corrects how long a bucket keeps what it holds. Shorter deletes data, so that has to be asked for."""
        name = bucket["name"]
        rule = next(iter(items_of(bucket, "retentionRules")), {})
        now = rule.get("everySeconds", 0)
        if not isinstance(now, int):
            raise Passing("GET /api/v2/buckets: answered without a number in `everySeconds`")
        if now == keep:
            return
        shorter = keep and (not now or keep < now)
        if shorter and not self.settings.shorten:
            self.log.say(
                f"the bucket `{name}` keeps {shown(now)}, and the catalog says {shown(keep)}: left as it is, since "
                "shortening deletes what is older; to do it, run this job with `store --shorten`"
            )
            return
        identity = text_of(bucket, "id", "GET /api/v2/buckets")
        body = {"retentionRules": rules(keep, rule.get("shardGroupDurationSeconds"))}
        self.influx.send("PATCH", f"/api/v2/buckets/{identity}", body)
        self.log.say(f"the bucket `{name}` kept {shown(now)}; it keeps {shown(keep)} now")

    def hand_over(self, authorizations):
        """Stores the right token where it is not stored yet; gives the exit status."""
        token = authorizations.token()
        if self.file.store(token):
            self.log.say("stored the token for the services")
        authorizations.tidy(token == self.settings.given)
        if token == self.settings.given or self.settings.store_only:
            self.log.say(f"`{self.settings.org}` is ready")
            return DONE
        self.log.say("this start gave the services another token or none; run the same command again")
        return AGAIN


def rules(keep, shard=None):
    """Retention rules that keep data for some seconds; with 0 no rule, so for ever.

    InfluxDB refuses a retention below the bucket's shard group; such a bucket gets groups of an hour."""
    rule = {"type": "expire", "everySeconds": keep}
    if keep and isinstance(shard, int) and shard > keep:
        rule["shardGroupDurationSeconds"] = 3600
    return [rule] if keep else []


class Authorizations:
    """The authorizations that this job made for the buckets: one, unless something went wrong before."""

    def __init__(self, job, org, ids):
        self.settings, self.influx, self.log = job.settings, job.influx, job.log
        self.stored = job.file.token()
        self.org = org
        self.ids = ids
        listed = items_of(self.influx.get("/api/v2/authorizations", orgID=org), "authorizations")
        self.ours = [one for one in listed if self.is_ours(one)]
        self.keep = None

    def is_ours(self, authorization):
        """Whether this job made it. One that somebody switched off is left alone, and not used."""
        ours = authorization.get("description") == self.settings.description
        return ours and authorization.get("status") == "active"

    def wanted(self):
        """The permissions that an authorization must have: these and no others."""
        return [(action, bucket) for bucket in self.ids for action in ("read", "write")]

    def fits(self, authorization):
        """Whether it has exactly these permissions; they cannot be changed after it was made."""
        given = [permission(one) for one in items_of(authorization, "permissions")]
        return sorted(given, key=str) == sorted(self.wanted(), key=str)

    def token(self):
        """The token to use: one that is known already before one that is not, and a new one last."""
        fit = sorted((one for one in self.ours if self.fits(one)), key=lambda one: str(one.get("createdAt")))
        tokens = {visible(one): one.get("id") for one in fit if visible(one)}
        known = [self.settings.given, self.stored]
        for token in [*(one for one in known if one in tokens), *tokens]:
            self.keep = tokens[token]
            return token
        if fit:                         # InfluxDB keeps hashes alone (2.9, or when told so): try what is known
            for token in known:
                if token and TOKEN.fullmatch(token) and self.works(token):
                    return token
        return self.make()

    def works(self, token):
        """Whether a token reads these buckets and no other: it is ours then, and not a mightier one."""
        if token == self.settings.operator:
            return False
        status, seen = self.influx.ask("GET", "/api/v2/buckets", token=token, limit=100)
        return status == 200 and sorted(str(one.get("id")) for one in items_of(seen, "buckets")) == sorted(self.ids)

    def make(self):
        """Makes the authorization, and gives its token."""
        made = self.influx.send("POST", "/api/v2/authorizations", {
            "orgID": self.org,
            "description": self.settings.description,
            "permissions": [
                {"action": action, "resource": {"type": "buckets", "id": bucket, "orgID": self.org}}
                for action, bucket in self.wanted()
            ],
        })
        token = text_of(made, "token", "POST /api/v2/authorizations")
        self.log.secrets.append(token)
        if not TOKEN.fullmatch(token):
            raise Failed("InfluxDB chose a token with a character that no env file can hold as it stands")
        self.keep = text_of(made, "id", "POST /api/v2/authorizations")
        names = ", ".join(f"`{name}`" for name, _ in self.settings.buckets)
        self.log.say(f"made the authorization `{self.settings.description}`: it reads and writes {names} alone")
        return token

    def tidy(self, in_use):
        """Removes the other authorizations that this job made.

        Only when this start hands out the right token: until then, services that still run may use an older one.
        Tokens that InfluxDB does not show are the exception, since later nobody can tell them apart."""
        hidden = self.ours and not any(visible(one) for one in self.ours)
        if self.keep is None or not (in_use or hidden):
            return
        for old in self.ours:
            identity = old.get("id")
            if identity and identity != self.keep:
                self.influx.send("DELETE", f"/api/v2/authorizations/{identity}")
                self.log.say(f"removed the older authorization {identity} of this job")


def permission(value):
    """What a permission allows; all that it says where it is not about one bucket."""
    resource = value.get("resource")
    if isinstance(resource, dict) and resource.get("type") == "buckets" and resource.get("id"):
        return (value.get("action"), resource["id"])
    return ("other", json.dumps(value, sort_keys=True))


def visible(authorization):
    """The token of an authorization, or nothing where InfluxDB does not show it."""
    token = authorization.get("token")
    if not isinstance(token, str) or token.lower() == "redacted" or not TOKEN.fullmatch(token):
        return ""
    return token


class TokenFile:
    """The env file with the token: it appears whole or not at all, and its owner alone may read it."""

    def __init__(self, path):
        self.path = path
        self.folder, name = os.path.split(path)
        self.new = os.path.join(self.folder, f".{name}.new")

    def locked(self):
        """Keeps a second run of this job out until this one ends; a kill frees it."""
        try:
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise Failed(f"the folder `{self.folder}` cannot be used: {os.strerror(error.errno)}") from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(folder)
            raise Passing("another run of this job is under way") from None
        except OSError:                 # a file system without locks: better without one than not at all
            pass
        return Held(folder)

    def token(self):
        """The token that the file holds; nothing where it is missing or holds anything else."""
        try:
            with open(self.path, "rb") as file:
                stored = STORED.fullmatch(file.read(4096))
        except OSError:
            return ""
        return stored[1].decode() if stored else ""

    def store(self, token):
        """Writes the token unless the file is as it should be; gives whether it wrote."""
        try:
            if self.is_right(token):
                return False
            self.write(f"INFLUXDB_TOKEN={token}\n")
        except OSError as error:
            raise Failed(f"`{self.path}` cannot be written: {os.strerror(error.errno)}") from None
        return True

    def is_right(self, token):
        """Whether the file is this token's, with its mode and owner."""
        try:
            state = os.lstat(self.path)
        except FileNotFoundError:
            return False
        plain = stat.S_ISREG(state.st_mode) and stat.S_IMODE(state.st_mode) == 0o600
        owned = self.owner() in (None, (state.st_uid, state.st_gid))
        return plain and owned and self.token() == token

    def owner(self):
        """Who shall own the file: the folder's owner; but where Docker had to make the folder, as root, the owner of
        this script, who is the one that runs Compose. Nothing for a job that is not root: it can give no file away."""
        if os.geteuid() != 0:
            return None
        state = os.stat(self.folder)
        if state.st_uid == 0:
            state = os.stat(__file__)
        return state.st_uid, state.st_gid

    def write(self, text):
        """Writes beside the file, makes sure that it is on the disk, and renames."""
        if os.path.lexists(self.new):
            os.unlink(self.new)
        file = os.open(self.new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as out:
            out.write(text)
            os.fchmod(file, 0o600)
            if self.owner():
                os.fchown(file, *self.owner())
            out.flush()
            os.fsync(file)
        os.replace(self.new, self.path)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


class Held:
    """An open lock."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.descriptor)


def late(*_):
    """Ends a request that takes too long."""
    raise Late("no answer in time")


def stop(*_):
    """Ends at once when Docker asks for it: as the first process of a container, Python would not."""
    raise SystemExit(143)


def main():
    """Runs the job; gives the exit status."""
    signal.signal(signal.SIGALRM, late)
    signal.signal(signal.SIGTERM, stop)
    names = ("INFLUXDB_ADMIN_TOKEN", "INFLUXDB_PASSWORD", "INFLUXDB_TOKEN")
    log = Log([os.environ.get(name, "") for name in names])
    try:
        return Job(Settings(os.environ, sys.argv[1:]), log).run()
    except Failed as failed:
        log.say(str(failed))
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
