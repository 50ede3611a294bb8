//! Files as they are in a git repository: at a revision, or in the index.
//!
//! Everything is asked of the `git` command, without a shell: objects by `git cat-file --batch`, whose requests go through a
//! pipe, the names in a folder by `git ls-tree` and `git ls-files`. Nothing that was typed becomes an option of git's.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::{fmt, str};

use super::{InputError, decode, folder};
use crate::source::Source;

/// `git:REV:PATH`: a file or folder at a revision; `git::PATH` is the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revision {
    /// The revision as git takes it; empty: the index.
    rev: String,
    /// From the top of the repository; from the working folder where it begins with `./` or `../`. Empty: all.
    path: String,
}

/// Why something could not be read from a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GitProblem {
    /// It is not `git:REV:PATH`.
    Malformed,
    /// The revision begins as an option does.
    Option,
    /// There is no `git` command.
    NoGit,
    /// The working folder is in no repository.
    NoRepository,
    /// There is no such revision.
    NoRevision(String),
    /// The revision has no such path.
    NoPath(String),
    /// A symbolic link that leads nowhere, or out of the repository.
    Link,
    /// A file that is in conflict.
    Unmerged(String),
    /// Something that is neither a file nor a folder.
    Kind(String),
    /// What git says.
    Failed(String),
}

impl fmt::Display for GitProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("expected git:REV:PATH, or git::PATH for the index"),
            Self::Option => f.write_str("a revision does not begin with `-`"),
            Self::NoGit => f.write_str("there is no `git` command"),
            Self::NoRepository => f.write_str("the working folder is in no git repository"),
            Self::NoRevision(rev) => write!(f, "no revision `{rev}`"),
            Self::NoPath(path) => write!(f, "no `{path}` there"),
            Self::Link => f.write_str("a symbolic link that leads to nothing in the repository"),
            Self::Unmerged(path) => write!(f, "`{path}` has conflicts that are not resolved"),
            Self::Kind(kind) => write!(f, "a {kind} is no file and no folder"),
            Self::Failed(said) => write!(f, "git says: {said}"),
        }
    }
}

impl Revision {
    /// Understands what follows `git:`. A colon within braces, as in `HEAD^{/fix: login}`, is the revision's.
    ///
    /// # Errors
    /// What has no such form, and a revision that begins as an option does.
    pub fn parse(text: &str) -> Result<Self, GitProblem> {
        let mut depth = 0_usize;
        let colon = text.char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ':' if depth == 0 => return Some(at),
                _ => {}
            }
            None
        });
        let (rev, path) = colon.map(|at| (&text[..at], &text[at + 1..])).ok_or(GitProblem::Malformed)?;
        if rev.starts_with('-') {
            return Err(GitProblem::Option);
        }
        // A request of several lines would be several requests.
        if text.contains(['\n', '\0']) {
            return Err(GitProblem::Malformed);
        }
        let path = path.trim_end_matches('/');
        let path = if path == "." { "./" } else { path };
        Ok(Self { rev: rev.to_owned(), path: path.to_owned() })
    }

    /// The same for a working folder from which a folder is reached by that path: only relative paths change.
    pub fn within(self, folder: &str) -> Self {
        let is_relative = self.path.starts_with("./") || self.path.starts_with("../");
        let path = if is_relative && !folder.is_empty() {
            format!("./{}/{}", folder.replace('\\', "/"), self.path)
        } else {
            self.path
        };
        Self { path, ..self }
    }

    /// Reads the file, or every `*.sql` and `*.sql.gz` below the folder in the order of their paths.
    pub(super) fn read(&self) -> Result<Vec<Source>, InputError> {
        let problem = |problem| InputError::Git { place: self.to_string(), problem };
        let found = if self.rev.is_empty() { self.of_index() } else { self.of_revision() };
        let found = found.map_err(problem)?;
        if found.is_empty() {
            return Err(InputError::NoFiles { path: self.to_string() });
        }
        let decoded = found.into_iter().map(|(path, bytes)| {
            let name = format!("git:{}:{path}", self.rev);
            let text = decode::text(bytes, &name)?;
            Ok(Source::new(name, text))
        });
        decoded.collect()
    }

    fn of_revision(&self) -> Result<Vec<(String, Vec<u8>)>, GitProblem> {
        let mut objects = Objects::open()?;
        // What a name stands for may move while it is read; the tree does not.
        let root = match objects.get(&format!("{}^{{tree}}", self.rev))? {
            Answer::Object { id, .. } => id,
            Answer::None | Answer::Link => return Err(GitProblem::NoRevision(self.rev.clone())),
        };
        let name = |path: &str| format!("{root}:{path}");
        let tree = match objects.get(&name(&self.path))? {
            Answer::None => return Err(GitProblem::NoPath(self.path.clone())),
            Answer::Link => return Err(GitProblem::Link),
            Answer::Object { kind, id, bytes } => match kind.as_str() {
                "blob" => return Ok(vec![(self.path.clone(), bytes)]),
                "tree" => id,
                _ => return Err(GitProblem::Kind(kind)),
            },
        };
        let listed = git(&["ls-tree", "-r", "-z", "--full-tree", "--name-only", &tree])?;
        let mut files: Vec<String> = entries(&listed).filter(|path| folder::is_sql(path.as_ref())).collect();
        files.sort();
        let mut found = Vec::with_capacity(files.len());
        for file in files {
            // Through the path and not the id, so that symbolic links are followed as they are on a disk.
            match objects.get(&name(&self.below(&file)))? {
                Answer::Object { kind, bytes, .. } if kind == "blob" => found.push((self.below(&file), bytes)),
                Answer::Object { .. } => {}
                Answer::None | Answer::Link => return Err(GitProblem::NoPath(self.below(&file))),
            }
        }
        Ok(found)
    }

    fn of_index(&self) -> Result<Vec<(String, Vec<u8>)>, GitProblem> {
        let is_relative = self.path.starts_with("./") || self.path.starts_with("../");
        // Literally: no `*` in it stands for anything.
        let magic = if is_relative { ":(literal)" } else { ":(top,literal)" };
        let listed = git(&["ls-files", "--stage", "-z", "--full-name", "--", &format!("{magic}{}", self.path)])?;
        let staged: Vec<Staged> = entries(&listed).filter_map(|entry| Staged::parse(&entry)).collect();
        if staged.is_empty() {
            return Err(GitProblem::NoPath(self.path.clone()));
        }
        let mut objects = Objects::open()?;
        let is_file = matches!(objects.get(&format!(":{}", self.path))?, Answer::Object { .. });
        let mut found = Vec::with_capacity(staged.len());
        for entry in staged.iter().filter(|entry| is_file || entry.stage != "0" || folder::is_sql(entry.path.as_ref()))
        {
            if entry.stage != "0" {
                return Err(GitProblem::Unmerged(entry.path.clone()));
            }
            match objects.get(&entry.id)? {
                Answer::Object { kind, bytes, .. } if kind == "blob" && entry.mode != "120000" => {
                    found.push((entry.path.clone(), bytes));
                }
                Answer::Object { .. } | Answer::Link => {
                    return Err(GitProblem::Kind(format!("link, as `{}`,", entry.path)));
                }
                Answer::None => return Err(GitProblem::NoPath(entry.path.clone())),
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }

    fn below(&self, file: &str) -> String {
        let folder = self.path.trim_end_matches('/');
        if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "git:{}:{}", self.rev, self.path)
    }
}

/// A file of the index: `mode id stage<TAB>path`.
struct Staged {
    mode: String,
    id: String,
    stage: String,
    path: String,
}

impl Staged {
    fn parse(entry: &str) -> Option<Self> {
        let (facts, path) = entry.split_once('\t')?;
        let mut facts = facts.split(' ').map(str::to_owned);
        Some(Self { mode: facts.next()?, id: facts.next()?, stage: facts.next()?, path: path.to_owned() })
    }
}

fn entries(listed: &[u8]) -> impl Iterator<Item = String> {
    listed.split(|byte| *byte == 0).filter(|e| !e.is_empty()).map(|e| String::from_utf8_lossy(e).into_owned())
}

/// What `git cat-file` says to a name.
enum Answer {
    Object { kind: String, id: String, bytes: Vec<u8> },
    Link,
    None,
}

/// `git cat-file --batch`: one process for all objects.
struct Objects {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    fn open() -> Result<Self, GitProblem> {
        check_repository()?;
        let mut command = command(&["cat-file", "--batch", "--follow-symlinks"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|why| unstarted(&why))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => Ok(Self { child, requests, answers: BufReader::new(answers) }),
            _ => Err(GitProblem::NoGit),
        }
    }

    fn get(&mut self, name: &str) -> Result<Answer, GitProblem> {
        self.exchange(name).map_err(|why| GitProblem::Failed(why.to_string()))
    }

    fn exchange(&mut self, name: &str) -> io::Result<Answer> {
        writeln!(self.requests, "{name}")?;
        self.requests.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let line = line.trim_end_matches('\n');
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // `id kind size`, or `name missing`, or `symlink size` and the like with where it stopped.
        let words: Vec<&str> = line.rsplitn(3, ' ').collect();
        match words[..] {
            [size, kind @ ("dangling" | "loop" | "notdir" | "symlink")] => {
                self.body(size)?;
                Ok(if kind == "notdir" { Answer::None } else { Answer::Link })
            }
            [size, kind @ ("blob" | "tree" | "commit" | "tag"), id] => {
                let bytes = self.body(size)?;
                Ok(Answer::Object { kind: kind.to_owned(), id: id.to_owned(), bytes })
            }
            _ => Ok(Answer::None),
        }
    }

    fn body(&mut self, size: &str) -> io::Result<Vec<u8>> {
        let size: usize = size.parse().map_err(|_| io::ErrorKind::InvalidData)?;
        let mut bytes = vec![0; size];
        self.answers.read_exact(&mut bytes)?;
        self.answers.read_exact(&mut [0])?;
        Ok(bytes)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It has nothing to write, so ending it loses nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn check_repository() -> Result<(), GitProblem> {
    git(&["rev-parse", "--git-dir"]).map(|_| ())
}

/// Runs git to its end.
fn git(arguments: &[&str]) -> Result<Vec<u8>, GitProblem> {
    let Output { status, stdout, stderr } =
        command(arguments).stdin(Stdio::null()).output().map_err(|why| unstarted(&why))?;
    if status.success() {
        return Ok(stdout);
    }
    let said = String::from_utf8_lossy(&stderr);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
    Err(match said {
        said if said.starts_with("not a git repository") => GitProblem::NoRepository,
        said if said.contains("is outside repository") => GitProblem::NoPath(said.to_owned()),
        said => GitProblem::Failed(said.to_owned()),
    })
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    // Messages in one language, no lock of the index, and no meaning for pathspecs but the one that is written here.
    command.args(arguments).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    for name in ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"] {
        command.env_remove(name);
    }
    command
}

fn unstarted(why: &io::Error) -> GitProblem {
    match why.kind() {
        io::ErrorKind::NotFound => GitProblem::NoGit,
        _ => GitProblem::Failed(super::reason(why)),
    }
}
