//! Text that is read as it is needed: its beginning at once, the rest when somebody takes it, never all of it in memory.
//!
//! A file is unpacked and decoded on the way. While one piece is looked at, the next ones are read.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use super::decode::{self, Decoded, Failure};
use super::room::Room;
use super::{InputError, Place, folder};
use crate::source::{Source, Text};

/// A text of up to so many bytes is taken as a whole.
pub const WHOLE: usize = 8 * 1024 * 1024;

/// A plain file of up to so many bytes is taken as a whole as long as no line of it begins rows.
const DEFINITIONS: usize = 128 * 1024 * 1024;

/// What lines of a dump begin with that are rows, as those who write long ones spell it. Only how much is held depends on it: rows
/// that it misses are passed all the same.
const ROWS: [&[u8]; 2] = [b"\nINSERT ", b"\nREPLACE "];

/// How much of a file in a folder is read before it is its turn: enough for what a dump says of itself.
const HEAD: usize = 16 * 1024;

/// The size of a piece: large enough that what it takes to wake the other thread for each, which is much on a virtual machine,
/// is little beside it.
const PIECE: usize = 1024 * 1024;

/// So many pieces are on their way at a time.
const PIECES: usize = 4;

/// A text of which the beginning is there.
pub struct Stream {
    /// What messages call it.
    pub name: String,
    head: Text,
    rest: Rest,
}

/// How much of a text is read at once.
#[derive(Clone, Copy)]
enum Most {
    /// So many bytes.
    Bytes(usize),
    /// What may be taken as a whole, and all that is definitions of what is stored as it is.
    Definitions,
}

/// What follows the beginning.
enum Rest {
    Nothing,
    /// What is open.
    Open(Decoded),
    /// What is opened when it is its turn, so that a folder of files does not keep them all open.
    Closed(PathBuf),
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = match self.rest {
            Rest::Nothing => "nothing",
            Rest::Open(_) => "open",
            Rest::Closed(_) => "closed",
        };
        f.debug_struct("Stream").field("name", &self.name).field("head", &self.head.len()).field("rest", &rest).finish()
    }
}

impl From<Source> for Stream {
    fn from(source: Source) -> Self {
        Self { name: source.name, head: source.text, rest: Rest::Nothing }
    }
}

/// Opens files, folders, revisions and standard input; one stream for each file.
///
/// # Errors
/// What the operating system says, and data that is not what it claims to be.
pub fn open(place: &Place, stdin: impl Read + Send + 'static) -> Result<Vec<Stream>, InputError> {
    match place {
        Place::Stdin => Ok(vec![Stream::of(place.name(), stdin, 0, Most::Bytes(WHOLE))?]),
        Place::Path(path) if path.is_dir() => folder::files(path)?.into_iter().map(|path| in_folder(&path)).collect(),
        Place::Path(path) => Ok(vec![file(path, WHOLE)?]),
        Place::Git(revision) => Ok(revision.read()?.into_iter().map(Stream::from).collect()),
        Place::Empty | Place::Server(_) => Ok(Vec::new()),
    }
}

fn file(path: &Path, head: usize) -> Result<Stream, InputError> {
    let name = path.display().to_string();
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let (about, file) = opened.map_err(|why| InputError::Io { path: name.clone(), why })?;
    let size = usize::try_from(about.len()).unwrap_or(head);
    let most = match head {
        WHOLE if about.is_file() && size < DEFINITIONS => Most::Definitions,
        _ => Most::Bytes(head),
    };
    Stream::of(name, file, size, most)
}

/// A file among others: it is closed again until it is its turn. What can be read only once stays open.
fn in_folder(path: &Path) -> Result<Stream, InputError> {
    let stream = file(path, HEAD)?;
    let reopens = path.metadata().is_ok_and(|what| what.is_file());
    let rest = match stream.rest {
        Rest::Open(_) if reopens => Rest::Closed(path.to_owned()),
        rest => rest,
    };
    Ok(Stream { rest, ..stream })
}

/// Whether a line of the text begins rows.
fn has_rows(text: &[u8]) -> bool {
    ROWS.iter().any(|rows| memchr::memmem::find(text, rows).is_some())
}

/// Reads on up to where rows are seen; whether the text ended before.
fn read_definitions(decoded: &mut Decoded, head: &mut Room) -> io::Result<bool> {
    let mut seen = 0;
    while !has_rows(&head[seen..]) {
        // What ends here may go on as a line of rows.
        seen = head.len().saturating_sub(16);
        if head.read(decoded, PIECE)? < PIECE {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Stream {
    /// Reads the beginning of a text that may be of that size.
    fn of(name: String, reader: impl Read + Send + 'static, size: usize, most: Most) -> Result<Self, InputError> {
        let mut decoded = Decoded::new(reader).map_err(|failure| failure.of(&name))?;
        // One byte more than there should be tells that this is all.
        let size = size.saturating_add(1);
        let (size, whole) = match most {
            Most::Bytes(most) => (size.min(most), most),
            Most::Definitions => (size, WHOLE),
        };
        let mut head = Room::of(size);
        let read = head.read(&mut decoded, whole).and_then(|read| {
            let is_all = read < whole;
            let may_go_on = matches!(most, Most::Definitions) && decoded.is_as_stored();
            if !is_all && may_go_on { read_definitions(&mut decoded, &mut head) } else { Ok(is_all) }
        });
        let is_all = read.map_err(|why| decoded.failure(why).of(&name))?;
        let rest = if is_all { Rest::Nothing } else { Rest::Open(decoded) };
        Ok(Self { name, head: head.into(), rest })
    }

    /// Whether the text goes on behind its beginning, or may do so.
    pub fn goes_on(&self) -> bool {
        !matches!(self.rest, Rest::Nothing)
    }

    /// The beginning of the text, or all of it.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// All of the text, where it is short enough to be taken as a whole.
    ///
    /// # Errors
    /// What the operating system says of a file that is opened now.
    pub fn into_whole(self) -> Result<Result<Source, Self>, InputError> {
        match self.rest {
            Rest::Nothing => Ok(Ok(Source::new(self.name, self.head))),
            Rest::Open(_) => Ok(Err(self)),
            Rest::Closed(path) => match file(&path, WHOLE)? {
                Self { name, head, rest: Rest::Nothing } => Ok(Ok(Source::new(name, head))),
                open => Ok(Err(open)),
            },
        }
    }

    /// Hands the text over, piece by piece; before each piece are so many bytes of room.
    ///
    /// # Errors
    /// What the operating system says, and data that is not what it claims to be.
    pub fn pour(self, room: usize, mut take: impl FnMut(&mut [u8])) -> Result<(), InputError> {
        let Self { name, head, rest } = self;
        let mut decoded = match rest {
            Rest::Nothing => Decoded::new(std::io::empty()).map_err(|failure| failure.of(&name))?,
            Rest::Open(decoded) => decoded,
            Rest::Closed(path) => return file(&path, WHOLE)?.pour(room, take),
        };
        let (filled, full) = mpsc::sync_channel::<Result<(Vec<u8>, usize), Failure>>(PIECES);
        let (emptied, empty) = mpsc::channel::<Vec<u8>>();
        for _ in 0..PIECES {
            // The other end is in this function.
            let _ = emptied.send(vec![0; room + PIECE]);
        }
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut head = Cursor::new(head);
                while let Ok(mut piece) = empty.recv() {
                    let read = decode::fill(&mut (&mut head).chain(&mut decoded), &mut piece[room..]);
                    let read = read.map(|length| (piece, room + length)).map_err(|why| decoded.failure(why));
                    let is_last = read.as_ref().map_or(true, |(_, end)| *end < room + PIECE);
                    if filled.send(read).is_err() || is_last {
                        return;
                    }
                }
            });
            for read in full {
                let (mut piece, end) = read.map_err(|failure| failure.of(&name))?;
                take(&mut piece[..end]);
                // The reader may have come to the end, and need no more.
                let _ = emptied.send(piece);
            }
            Ok(())
        })
    }
}
