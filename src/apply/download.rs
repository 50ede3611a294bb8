//! Fetching a bundle: with limits on everything, resumed where it broke off, and never a byte of another version in it.
//!
//! What is fetched is believed by nobody: its digest is computed on the way, and the bundle is verified like any other file.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ureq::http::{Response, StatusCode, Uri, header};
use ureq::{Agent, Body, Proxy};

use super::error::{ApplyError, ErrorKind};
use crate::run::hex;

/// More redirects than this are a circle.
const REDIRECTS: usize = 5;

/// How patient and how greedy a download is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownloadLimits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the next byte; then the connection is given up and another one is tried.
    pub idle: Duration,
    /// Without a single byte, over all tries.
    pub stall: Duration,
    /// The first pause between two tries that brought nothing; it doubles.
    pub pause: Duration,
    /// Bytes.
    pub size: u64,
    /// The proxy to use, as `http://host:port`.
    pub proxy: Option<String>,
}

impl Default for DownloadLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(30),
            stall: Duration::from_secs(300),
            pause: Duration::from_secs(1),
            size: 16 << 30,
            proxy: None,
        }
    }
}

/// What tells one version of a resource from another, so that a download can go on where it broke off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) url: String,
    /// A strong entity tag (RFC 9110, section 8.8.3).
    pub(crate) etag: String,
}

/// A file that came down whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Downloaded {
    pub(crate) sha256: String,
    pub(crate) length: u64,
}

/// Fetches a URL into a file. What an earlier try left in it is kept where `part` says what it is of, and is told to `keep`
/// anew whenever that changes.
pub(crate) fn download(
    url: &str,
    limits: &DownloadLimits,
    file: &mut File,
    part: Option<Part>,
    keep: &mut dyn FnMut(Option<&Part>) -> Result<(), ApplyError>,
    tell: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Downloaded, ApplyError> {
    let agent = agent(limits).map_err(|why| failed(url, &why))?;
    let mut fetch = Fetch { url, limits, file, hash: Sha256::new(), length: 0, etag: None, total: None };
    match part.filter(|part| part.url == url) {
        Some(part) => fetch.take_up(part).map_err(|why| failed(url, &why.to_string()))?,
        None => fetch.start_over().map_err(|why| failed(url, &why.to_string()))?,
    }
    let mut last_progress = Instant::now();
    let mut pause = limits.pause;
    loop {
        let before = fetch.length;
        let why = match fetch.attempt(&agent, keep, tell)? {
            Attempt::Whole => break,
            Attempt::Broken(why) => why,
        };
        if fetch.length > before {
            (last_progress, pause) = (Instant::now(), limits.pause);
            continue;
        }
        if last_progress.elapsed() + pause >= limits.stall {
            let seconds = last_progress.elapsed().as_secs();
            return Err(failed(url, &format!("{why}; not a byte more for {seconds} s, with {} there", fetch.length)));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(limits.idle);
    }
    fetch.file.sync_all().map_err(|why| failed(url, &why.to_string()))?;
    Ok(Downloaded { sha256: hex(&fetch.hash.finalize()), length: fetch.length })
}

/// A download while it goes on.
struct Fetch<'f> {
    url: &'f str,
    limits: &'f DownloadLimits,
    file: &'f mut File,
    hash: Sha256,
    length: u64,
    etag: Option<String>,
    total: Option<u64>,
}

/// How one connection ended.
enum Attempt {
    Whole,
    /// It may be tried again.
    Broken(String),
}

impl Fetch<'_> {
    fn start_over(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.hash, self.length, self.etag, self.total) = (Sha256::new(), 0, None, None);
        Ok(())
    }

    fn take_up(&mut self, part: Part) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; 128 * 1024];
        loop {
            match self.file.read(&mut buffer)? {
                0 => break,
                read => {
                    self.hash.update(&buffer[..read]);
                    self.length += read as u64;
                }
            }
        }
        self.etag = Some(part.etag);
        Ok(())
    }

    fn attempt(
        &mut self,
        agent: &Agent,
        keep: &mut dyn FnMut(Option<&Part>) -> Result<(), ApplyError>,
        tell: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Attempt, ApplyError> {
        let local = |why: io::Error| failed(self.url, &why.to_string());
        if self.length > 0 && self.etag.is_none() {
            // Nothing tells whether the rest would be of the same version.
            self.start_over().map_err(|why| failed(self.url, &why.to_string()))?;
        }
        let mut response = match self.ask(agent)? {
            Ok(response) => response,
            Err(why) => return Ok(Attempt::Broken(why)),
        };
        match response.status() {
            StatusCode::OK => {
                self.start_over().map_err(|why| failed(self.url, &why.to_string()))?;
                self.etag = strong_etag(&response);
                self.total = content_length(&response);
                let part = self.etag.clone().map(|etag| Part { url: self.url.to_owned(), etag });
                keep(part.as_ref())?;
            }
            StatusCode::PARTIAL_CONTENT => {
                let range = content_range(&response);
                if range.is_none_or(|(start, _)| start != self.length) || strong_etag(&response) != self.etag {
                    self.etag = None;
                    return Ok(Attempt::Broken("the server sent another part than the one asked for".to_owned()));
                }
                self.total = range.and_then(|(_, total)| total);
            }
            StatusCode::RANGE_NOT_SATISFIABLE if self.length > 0 => {
                self.etag = None;
                return Ok(Attempt::Broken("the server has no such part".to_owned()));
            }
            status
                if status.is_server_error()
                    || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status) =>
            {
                return Ok(Attempt::Broken(format!("the server answers {status}")));
            }
            status => return Err(failed(self.url, &format!("the server answers {status}"))),
        }
        if self.total.is_some_and(|total| total > self.limits.size) {
            return Err(self.too_large());
        }
        let mut body = response.body_mut().as_reader();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(why) => return Ok(Attempt::Broken(format!("the connection broke: {why}"))),
            };
            if self.length + read as u64 > self.limits.size {
                return Err(self.too_large());
            }
            self.file.write_all(&buffer[..read]).map_err(local)?;
            self.hash.update(&buffer[..read]);
            self.length += read as u64;
            tell(self.length, self.total);
        }
        match self.total {
            Some(total) if self.length < total => Ok(Attempt::Broken("the connection ended early".to_owned())),
            Some(total) if self.length > total => Err(failed(self.url, "the server sent more than it had announced")),
            Some(_) | None => Ok(Attempt::Whole),
        }
    }

    /// Asks for what is missing, and goes after redirects. The inner error may be tried again.
    fn ask(&self, agent: &Agent) -> Result<Result<Response<Body>, String>, ApplyError> {
        let mut url = self.url.to_owned();
        for _ in 0..=REDIRECTS {
            let mut request = agent.get(&url).header(header::ACCEPT_ENCODING, "identity");
            if let (true, Some(etag)) = (self.length > 0, &self.etag) {
                request =
                    request.header(header::RANGE, format!("bytes={}-", self.length)).header(header::IF_RANGE, etag);
            }
            let response = match request.call() {
                Ok(response) => response,
                Err(ureq::Error::BadUri(why)) => return Err(failed(&url, &format!("it is no URL: {why}"))),
                Err(why) => return Ok(Err(why.to_string())),
            };
            if !response.status().is_redirection() {
                return Ok(Ok(response));
            }
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to = to.ok_or_else(|| failed(&url, "it redirects to nowhere"))?;
            url = redirected(&url, to).map_err(|why| failed(&url, &why))?;
        }
        Err(failed(self.url, "it redirects in a circle"))
    }

    fn too_large(&self) -> ApplyError {
        failed(self.url, &format!("it is larger than the {} bytes that are allowed", self.limits.size))
    }
}

fn agent(limits: &DownloadLimits) -> Result<Agent, String> {
    let proxy = limits.proxy.as_deref().map(Proxy::new).transpose();
    let proxy = proxy.map_err(|why| format!("the proxy cannot be used: {why}"))?;
    let config = Agent::config_builder()
        .proxy(proxy)
        .user_agent(concat!("alterplan/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(limits.connect))
        .timeout_recv_response(Some(limits.idle))
        .timeout_per_read(Some(limits.idle))
        .timeout_per_write(Some(limits.idle))
        .build();
    Ok(Agent::new_with_config(config))
}

/// Where a redirect leads: from https to https and nowhere else, for what was asked for in secret is not asked for aloud.
fn redirected(from: &str, to: &str) -> Result<String, String> {
    let target = resolved(from, to)?;
    let is_secret = |url: &str| url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    if is_secret(from) && is_secret(&target) {
        Ok(target)
    } else {
        Err(format!("it redirects to `{target}`; only redirects from https to https are followed"))
    }
}

/// A reference as a URL, by the URL of the document that it is in.
pub(crate) fn resolved(from: &str, to: &str) -> Result<String, String> {
    let base: Uri = from.parse().map_err(|_| "it is no URL".to_owned())?;
    let authority = base.authority().map(ToString::to_string).unwrap_or_default();
    let scheme = base.scheme_str().unwrap_or_default();
    Ok(match to {
        to if to.contains("://") => to.to_owned(),
        to if to.starts_with("//") => format!("{scheme}:{to}"),
        to if to.starts_with('/') => format!("{scheme}://{authority}{to}"),
        to => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{to}")
        }
    })
}

fn strong_etag(response: &Response<Body>) -> Option<String> {
    let etag = response.headers().get(header::ETAG)?.to_str().ok()?;
    etag.starts_with('"').then(|| etag.to_owned())
}

fn content_length(response: &Response<Body>) -> Option<u64> {
    response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The start of a `Content-Range: bytes 10-99/100`, and the length of the whole.
fn content_range(response: &Response<Body>) -> Option<(u64, Option<u64>)> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, total) = range.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn failed(url: &str, why: &str) -> ApplyError {
    ApplyError::new(ErrorKind::DownloadFailed, format!("cannot fetch `{}`: {why}", without_password(url)))
}

/// A URL as it may be shown.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.find('@')) {
        (Some(scheme), Some(at)) if !url[scheme + 3..at].contains('/') => {
            format!("{}://…{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests;
