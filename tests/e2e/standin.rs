//! What stands in for every image of a stack: one static program without dependencies, compiled by the tests.
//!
//! As a service it listens on the ports of `STANDIN_PORTS` and answers `/health` with its mode. Called `curl`, `wget` or
//! `python` it is what a healthcheck calls: it asks the first URL among its arguments. What else it does is said by
//! variables of the image: `STANDIN=unhealthy`, `exit:3`, `slow:5` (seconds until it answers), `sick:4` (healthy for so
//! long), `job:0` (ends with that status). With the word `store` it leaves a token in /secrets, and ends.
//! `standin ask URL` and `standin resolve NAME` are for the tests themselves.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::exit;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

extern "C" {
    fn signal(signal: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(status: i32) -> !;
}

/// The first process of a container is ended by no signal that it does not take.
extern "C" fn end(_: i32) {
    unsafe { _exit(0) }
}

fn main() {
    unsafe { signal(15, end) };
    let words: Vec<String> = std::env::args().collect();
    let name = words[0].rsplit('/').next().unwrap_or_default();
    let rest: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    match (name, rest.as_slice()) {
        ("curl" | "wget", _) | ("python" | "python3", ["-c", ..]) => ask(&words[1..].join(" ")),
        (_, ["ask", url]) => ask(url),
        (_, ["resolve", name]) => resolve(name),
        _ => behave(&rest),
    }
}

fn behave(words: &[&str]) {
    let behaviour = std::env::var("STANDIN").unwrap_or_default();
    let (word, number) = behaviour.split_once(':').unwrap_or((&behaviour, "0"));
    let number: u64 = number.parse().expect("a number");
    let mode = std::env::var("DEPLOYMENT_MODE").unwrap_or_default();
    println!("stand-in {} in mode {mode}: {behaviour} {}", env("STANDIN_NAME"), words.join(" "));
    for name in std::env::var("STANDIN_SAY").unwrap_or_default().split_whitespace() {
        println!("{name} is {}", env(name));
    }
    if words.contains(&"store") {
        let text = "INFLUXDB_TOKEN=made-up-by-the-stand-in\n";
        std::fs::write("/secrets/influxdb.env", text).expect("a folder for secrets");
        exit(0);
    }
    match word {
        "exit" => exit(number as i32),
        "job" => {
            sleep(Duration::from_millis(300));
            exit(number as i32)
        }
        "slow" => sleep(Duration::from_secs(number)),
        _ => {}
    }
    let start = Instant::now();
    let is_well = move || match word_of(&behaviour) {
        "unhealthy" => false,
        "sick" => start.elapsed() < Duration::from_secs(number),
        _ => true,
    };
    serve(&mode, is_well);
}

fn word_of(behaviour: &str) -> &str {
    behaviour.split(':').next().unwrap_or_default()
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn serve(mode: &str, is_well: impl Fn() -> bool + Clone + Send + 'static) {
    let ports = env("STANDIN_PORTS");
    let servers: Vec<_> = ports
        .split_whitespace()
        .map(|port| {
            let listener = TcpListener::bind(("0.0.0.0", port.parse().expect("a port"))).expect("a free port");
            let (mode, is_well) = (mode.to_owned(), is_well.clone());
            spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &mode, is_well())))
        })
        .collect();
    if servers.is_empty() {
        loop {
            sleep(Duration::from_secs(3600));
        }
    }
    servers.into_iter().for_each(|server| server.join().expect("a server"));
}

fn answer(mut stream: TcpStream, mode: &str, is_well: bool) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let (mut head, mut part) = (Vec::<u8>::new(), [0; 1024]);
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(count) if count > 0 => head.extend(&part[..count]),
            _ => break,
        }
    }
    let (status, word) = if is_well { ("200 OK", "ok") } else { ("500 Internal Server Error", "sick") };
    let body = format!("{{\"status\":\"{word}\",\"mode\":\"{mode}\"}}\n");
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
}

/// Ends with 0 where the first URL in a text answers with a status from 200 to 399.
fn ask(text: &str) {
    let Some(url) = text.split(|c: char| c.is_whitespace() || "'\"".contains(c)).find_map(|word| word.strip_prefix("http://")) else {
        eprintln!("no URL in {text}");
        exit(2);
    };
    let url = url.trim_end_matches([')', ';']);
    let (host, path) = url.split_once('/').unwrap_or((url, ""));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let said = address(&host).and_then(|address| {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).map_err(|error| error.to_string())?;
        let _ = stream.set_read_timeout(Some(Duration::from_secs(4)));
        let request = format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let mut said = String::new();
        stream.read_to_string(&mut said).map_err(|error| error.to_string())?;
        Ok(said)
    });
    match said {
        Ok(said) => {
            println!("{}", said.lines().last().unwrap_or_default());
            let status = said.split_whitespace().nth(1).unwrap_or("0");
            exit(if status.starts_with(['2', '3']) { 0 } else { 22 })
        }
        Err(error) => {
            eprintln!("{host}: {error}");
            exit(7)
        }
    }
}

fn address(host: &str) -> Result<std::net::SocketAddr, String> {
    let mut all = host.to_socket_addrs().map_err(|error| error.to_string())?;
    all.next().ok_or_else(|| "no address".to_owned())
}

fn resolve(name: &str) {
    match address(&format!("{name}:1")) {
        Ok(address) => println!("{}", address.ip()),
        Err(error) => {
            eprintln!("{name}: {error}");
            exit(6)
        }
    }
}
