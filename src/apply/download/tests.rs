//! Downloads from a server on loopback that stalls, cuts, lies and changes its mind.

use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::super::error::{ApplyError, ErrorKind};
use super::{DownloadLimits, Downloaded, Part, download, redirected, without_password};
use crate::run::sha256;

/// What a client asked for: the start of its range, and the tag that it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Asked {
    from: Option<usize>,
    if_range: Option<String>,
}

/// Answers so many connections, one after the other, and ends.
struct Server {
    url: String,
    asked: mpsc::Receiver<Asked>,
}

type Answer = dyn FnMut(usize, &Asked, &mut TcpStream) + Send;

impl Server {
    fn new(connections: usize, mut answer: Box<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/bundle", listener.local_addr().expect("an address"));
        let (tell, asked) = mpsc::channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().take(connections).enumerate() {
                let mut stream = stream.expect("a connection");
                stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
                let mut asked = Asked { from: None, if_range: None };
                for line in BufReader::new(&stream).lines() {
                    let line = line.expect("a line").to_ascii_lowercase();
                    match line.split_once(": ") {
                        Some(("range", range)) => {
                            asked.from = range.trim_start_matches("bytes=").trim_end_matches('-').parse().ok();
                        }
                        Some(("if-range", etag)) => asked.if_range = Some(etag.to_owned()),
                        Some(_) => {}
                        None if line.is_empty() => break,
                        None => {}
                    }
                }
                tell.send(asked.clone()).expect("the test listens");
                answer(number, &asked, &mut stream);
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.try_iter().collect()
    }
}

/// A server that has this content, honours ranges, and cuts each connection after so many bytes.
fn honest(content: &'static [u8], etag: &'static str, cut: usize, connections: usize) -> Server {
    let answer = move |_: usize, asked: &Asked, stream: &mut TcpStream| send(stream, content, etag, asked, cut);
    Server::new(connections, Box::new(answer))
}

fn send(stream: &mut TcpStream, content: &[u8], etag: &str, asked: &Asked, cut: usize) {
    let start = asked.from.filter(|_| asked.if_range.as_deref() == Some(etag));
    let (head, start) = match start {
        Some(start) => {
            let (last, total) = (content.len() - 1, content.len());
            (format!("206 Partial Content\r\nContent-Range: bytes {start}-{last}/{total}"), start)
        }
        None => ("200 OK".to_owned(), 0),
    };
    let rest = &content[start..];
    let head =
        format!("HTTP/1.1 {head}\r\nETag: {etag}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", rest.len());
    // A client that has had enough is no failure of the server.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&rest[..cut.min(rest.len())]));
}

fn limits() -> DownloadLimits {
    DownloadLimits {
        connect: Duration::from_secs(2),
        idle: Duration::from_millis(300),
        stall: Duration::from_millis(900),
        pause: Duration::from_millis(10),
        size: 10_000,
        proxy: None,
    }
}

struct Got {
    result: Result<Downloaded, ApplyError>,
    bytes: Vec<u8>,
    part: Option<Part>,
}

fn get(url: &str, limits: &DownloadLimits) -> Got {
    get_on(url, limits, b"", None)
}

fn get_on(url: &str, limits: &DownloadLimits, there: &[u8], part: Option<Part>) -> Got {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(there).expect("it is written");
    let mut kept = part.clone();
    let mut keep = |part: Option<&Part>| {
        kept = part.cloned();
        Ok(())
    };
    let result = download(url, limits, &mut file, part, &mut keep, &mut |_, _| {});
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes)).expect("it is read");
    Got { result, bytes, part: kept }
}

#[track_caller]
fn whole(got: &Got, content: &[u8]) {
    let expected = Downloaded { sha256: sha256(content), length: content.len() as u64 };
    assert_eq!(got.result.as_ref().map_err(ToString::to_string), Ok(&expected));
    assert_eq!(got.bytes, content);
}

#[track_caller]
fn fails(got: &Got, url: &str, why: &str) {
    let error = got.result.as_ref().expect_err("it fails");
    assert_eq!(error.kind, ErrorKind::DownloadFailed);
    assert_eq!(error.message, format!("cannot fetch `{url}`: {why}"));
}

#[test]
fn a_connection_that_drops_at_each_byte_is_taken_up_there() {
    const CONTENT: &[u8] = b"every single byte of it";
    let server = honest(CONTENT, "\"v1\"", 1, CONTENT.len());
    whole(&get(&server.url, &limits()), CONTENT);
    let asked: Vec<Option<usize>> = server.asked().into_iter().map(|asked| asked.from).collect();
    let expected: Vec<Option<usize>> = (0..CONTENT.len()).map(|from| Some(from).filter(|from| *from > 0)).collect();
    assert_eq!(asked, expected);
}

#[test]
fn a_file_that_changes_between_two_connections_is_begun_anew() {
    let answer = |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => send(stream, b"the first version", "\"v1\"", asked, 7),
        _ => send(stream, b"another version", "\"v2\"", asked, 100),
    };
    let server = Server::new(2, Box::new(answer));
    whole(&get(&server.url, &limits()), b"another version");
    assert_eq!(server.asked()[1], Asked { from: Some(7), if_range: Some("\"v1\"".to_owned()) });
}

#[test]
fn a_server_that_continues_with_another_version_is_not_believed() {
    let answer = |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => send(stream, b"the first version", "\"v1\"", asked, 7),
        // Ignores If-Range.
        1 => send(
            stream,
            b"another version!!",
            "\"v2\"",
            &Asked { if_range: Some("\"v2\"".into()), ..asked.clone() },
            99,
        ),
        _ => send(stream, b"another version!!", "\"v2\"", asked, 99),
    };
    let server = Server::new(3, Box::new(answer));
    whole(&get(&server.url, &limits()), b"another version!!");
}

#[test]
fn without_a_strong_tag_nothing_is_taken_up() {
    for etag in ["W/\"weak\"", "none"] {
        let answer = move |number: usize, asked: &Asked, stream: &mut TcpStream| {
            send(stream, b"some content", etag, asked, if number == 0 { 5 } else { 99 });
        };
        let server = Server::new(2, Box::new(answer));
        let got = get(&server.url, &limits());
        whole(&got, b"some content");
        assert_eq!((server.asked()[1].from, got.part), (None, None));
    }
}

#[test]
fn what_an_earlier_run_left_is_taken_up() {
    let server = honest(b"left and the rest", "\"v1\"", 99, 1);
    let part = Part { url: server.url.clone(), etag: "\"v1\"".to_owned() };
    whole(&get_on(&server.url, &limits(), b"left and ", Some(part)), b"left and the rest");
    assert_eq!(server.asked()[0].from, Some(9));
    let server = honest(b"left and the rest", "\"v1\"", 99, 1);
    let part = Part { url: "http://elsewhere/".to_owned(), etag: "\"v1\"".to_owned() };
    whole(&get_on(&server.url, &limits(), b"other ", Some(part)), b"left and the rest");
}

#[test]
fn a_part_that_is_too_long_is_begun_anew() {
    let answer = |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => drop(
            stream.write_all(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        ),
        _ => send(stream, b"short", "\"v1\"", asked, 99),
    };
    let server = Server::new(2, Box::new(answer));
    let part = Part { url: server.url.clone(), etag: "\"v1\"".to_owned() };
    whole(&get_on(&server.url, &limits(), b"much too long", Some(part)), b"short");
}

#[test]
fn a_server_that_stalls_is_given_up() {
    let answer = |_: usize, asked: &Asked, stream: &mut TcpStream| {
        send(stream, b"it begins and then", "\"v1\"", asked, if asked.from.is_some() { 0 } else { 4 });
        // The connection stays open until the client has gone.
        let _ = stream.read(&mut [0; 16]);
    };
    let server = Server::new(20, Box::new(answer));
    let got = get(&server.url, &limits());
    assert_eq!(got.result.as_ref().map_err(|e| e.kind), Err(ErrorKind::DownloadFailed));
    assert_eq!(got.bytes, b"it b");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let server =
        Server::new(20, Box::new(|_: usize, _: &Asked, stream: &mut TcpStream| drop(stream.read(&mut [0; 16]))));
    assert_eq!(get(&server.url, &limits()).result.map_err(|e| e.kind), Err(ErrorKind::DownloadFailed));
}

#[test]
fn what_is_too_large_is_not_fetched() {
    let announced = Server::new(
        1,
        Box::new(|_: usize, _: &Asked, stream: &mut TcpStream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\nConnection: close\r\n\r\n");
        }),
    );
    fails(&get(&announced.url, &limits()), &announced.url, "it is larger than the 10000 bytes that are allowed");
    let silent = Server::new(
        1,
        Box::new(|_: usize, _: &Asked, stream: &mut TcpStream| {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                .and_then(|()| stream.write_all(&[b'x'; 20_000]));
        }),
    );
    fails(&get(&silent.url, &limits()), &silent.url, "it is larger than the 10000 bytes that are allowed");
}

#[test]
fn a_length_that_is_a_lie_is_found_out() {
    // Less than announced: taken up again, and in vain.
    let short = honest(b"only this", "\"v1\"", 99, 1);
    whole(&get(&short.url, &limits()), b"only this");
    let answer = |_: usize, asked: &Asked, stream: &mut TcpStream| {
        let (head, rest) = match asked.from {
            Some(9) => ("206 Partial Content\r\nContent-Range: bytes 9-99/100\r\nContent-Length: 91", ""),
            _ => ("200 OK\r\nContent-Length: 100", "only this"),
        };
        let head = format!("HTTP/1.1 {head}\r\nETag: \"v1\"\r\nConnection: close\r\n\r\n{rest}");
        let _ = stream.write_all(head.as_bytes());
    };
    let server = Server::new(50, Box::new(answer));
    let got = get(&server.url, &limits());
    assert_eq!(got.result.map_err(|e| e.kind), Err(ErrorKind::DownloadFailed));
    assert_eq!(got.bytes, b"only this");
}

#[test]
fn what_is_not_there_is_not_asked_for_again() {
    let server = Server::new(
        2,
        Box::new(|_: usize, _: &Asked, stream: &mut TcpStream| {
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }),
    );
    fails(&get(&server.url, &limits()), &server.url, "the server answers 404 Not Found");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_server_in_trouble_is_asked_again() {
    let answer = |number: usize, asked: &Asked, stream: &mut TcpStream| match number {
        0 => drop(
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        ),
        _ => send(stream, b"here", "\"v1\"", asked, 99),
    };
    let server = Server::new(2, Box::new(answer));
    whole(&get(&server.url, &limits()), b"here");
}

#[test]
fn redirects_go_from_https_to_https_alone() {
    let server = Server::new(
        1,
        Box::new(|_: usize, _: &Asked, stream: &mut TcpStream| {
            let _ = stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }),
    );
    let why = "it redirects to `http://127.0.0.1:1/x`; only redirects from https to https are followed";
    fails(&get(&server.url, &limits()), &server.url, why);
    let follow = |from, to| redirected(from, to).ok();
    assert_eq!(follow("https://a/b/c", "https://d/e").as_deref(), Some("https://d/e"));
    assert_eq!(follow("https://a:8/b/c", "/e").as_deref(), Some("https://a:8/e"));
    assert_eq!(follow("https://a/b/c", "e").as_deref(), Some("https://a/b/e"));
    assert_eq!(follow("https://a/b/c", "//d/e").as_deref(), Some("https://d/e"));
    assert_eq!(follow("https://a/b", "http://a/b"), None);
    assert_eq!(follow("http://a/b", "https://a/b"), None);
    assert_eq!(follow("https://a/b", "file:///etc/passwd"), None);
}

#[test]
fn no_message_holds_a_password() {
    assert_eq!(without_password("https://user:secret@host/x"), "https://…@host/x");
    assert_eq!(without_password("https://host/x@y"), "https://host/x@y");
}
