//! A registry of images on this machine, over plain HTTP: as much of the distribution API as a pull asks for.
//! (OCI Distribution Specification 1.1, "Pull".)

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::bed::Bed;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS: u8 = 22;

/// What a registry says of what it does not have.
const UNKNOWN: &[u8] = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;

/// What is asked for below `/v2/`, with its media type and its bytes.
type Shelf = BTreeMap<String, (&'static str, Vec<u8>)>;

/// A registry; without it nobody answers at its address.
pub struct Registry {
    /// Its address, as names of images begin.
    pub address: String,
    shelf: Arc<Mutex<Shelf>>,
    ended: Arc<AtomicBool>,
}

impl Registry {
    /// One that has nothing.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shelf = Arc::new(Mutex::new(Shelf::from([(
            String::new(),
            ("application/json", b"{}".to_vec()),
        )])));
        let ended = Arc::new(AtomicBool::new(false));
        let (kept, over) = (shelf.clone(), ended.clone());
        spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let _ = answer(stream, &kept.lock().unwrap());
            }
        });
        Registry {
            address,
            shelf,
            ended,
        }
    }

    /// Takes an image of the engine, under a name with the tag `1`.
    pub fn push(&self, bed: &Bed, name: &str, image: &str) {
        let folder = tempfile::tempdir().unwrap();
        let mut save = Command::new("docker")
            .args(["image", "save", image])
            .env("DOCKER_HOST", &bed.host)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let unpacked = Command::new("tar")
            .args(["x", "-C"])
            .arg(folder.path())
            .stdin(save.stdout.take().unwrap())
            .status();
        assert!(unpacked.unwrap().success() && save.wait().unwrap().success());
        let read = |path: &str| fs::read(folder.path().join(path)).unwrap();
        let saved: Value = serde_json::from_slice(&read("manifest.json")).unwrap();
        let config = read(saved[0]["Config"].as_str().unwrap());
        let made: Value = serde_json::from_slice(&config).unwrap();
        let id = bed.ask(&["image", "inspect", "--format", "{{.Id}}", image]);
        let digests = made["rootfs"]["diff_ids"].as_array().unwrap();
        let files = saved[0]["Layers"].as_array().unwrap();
        let layers: Vec<(&str, Vec<u8>)> = digests
            .iter()
            .zip(files)
            .map(|(digest, file)| (digest.as_str().unwrap(), read(file.as_str().unwrap())))
            .collect();
        let kind = "application/vnd.docker.image.rootfs.diff.tar";
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": "application/vnd.docker.container.image.v1+json",
                "size": config.len(),
                "digest": id,
            },
            "layers": layers.iter().map(|(digest, bytes)| json!({
                "mediaType": kind, "size": bytes.len(), "digest": digest,
            })).collect::<Vec<Value>>(),
        });
        let mut shelf = self.shelf.lock().unwrap();
        let mut put = |path: String, kind, bytes| drop(shelf.insert(path, (kind, bytes)));
        // The engine asks by the tag, then by the digest of what it got.
        let manifest = manifest.to_string().into_bytes();
        let digest = Sha256::digest(&manifest)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        for known_as in ["1".to_owned(), format!("sha256:{digest}")] {
            put(
                format!("{name}/manifests/{known_as}"),
                MANIFEST,
                manifest.clone(),
            );
        }
        let bytes = "application/octet-stream";
        put(format!("{name}/blobs/{id}"), bytes, config);
        for (digest, layer) in layers {
            put(format!("{name}/blobs/{digest}"), bytes, layer);
        }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // It waits for a caller: one more, and it ends.
        let _ = TcpStream::connect(&self.address);
    }
}

/// One request, one answer, and the end of the connection. Who begins with TLS is told that this is plain HTTP, as
/// registries do; then Docker asks again without it, at an address of this machine.
fn answer(stream: TcpStream, shelf: &Shelf) -> std::io::Result<()> {
    let mut hello = [0];
    if stream.peek(&mut hello)? == 1 && hello == [TLS] {
        return (&stream).write_all(b"HTTP/1.0 400 Bad Request\r\n\r\nthis is plain HTTP");
    }
    let mut lines = BufReader::new(&stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    let (verb, path) = (words.next().unwrap_or_default(), words.next());
    let asked = path.and_then(|path| path.strip_prefix("/v2/"));
    let (status, kind, bytes): (_, _, &[u8]) = match asked.and_then(|path| shelf.get(path)) {
        Some((kind, bytes)) => ("200 OK", *kind, bytes),
        None => ("404 Not Found", "application/json", UNKNOWN),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Docker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    (&stream).write_all(head.as_bytes())?;
    if verb != "HEAD" {
        (&stream).write_all(bytes)?;
    }
    Ok(())
}
