//! A disk in memory that can be killed at any effect, refuse any effect, and lose at a power loss whatever was not synced:
//! each effect that was not may be there or not, whatever became of those before and after it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::super::disk::{Disk, DiskError, Dress, Kind, Look};
use crate::run::sha256;

const ROOT: u64 = 1;

type Name = (u64, OsString);
type Outcome<T> = Result<T, DiskError>;

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    mode: u32,
    /// A file's content, where a link leads.
    content: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct State {
    nodes: BTreeMap<u64, Node>,
    /// Content and rights as they were when last synced.
    synced: BTreeMap<u64, Node>,
    names: BTreeMap<Name, u64>,
    synced_names: BTreeMap<Name, u64>,
    /// What was done to names since, each a whole that is there after a power loss or is not.
    pending: Vec<Vec<(Name, Option<u64>)>>,
    next: u64,
    effects: usize,
    kill_at: Option<usize>,
    is_dead: bool,
    fault: Option<Fault>,
}

/// An error from the so-many-th effect on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    /// `ENOSPC`, `EIO`, `EACCES`.
    pub(super) code: i32,
    /// Whether all effects after it fail as well.
    pub(super) stays: bool,
}

#[derive(Debug)]
pub(super) struct Sim {
    state: RefCell<State>,
    pub(super) can_exchange: bool,
}

/// Small numbers that look random and are the same each time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }
}

/// What a power loss leaves of what was not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// All is there: the process alone was killed.
    Nothing,
    Everything,
    /// Each effect by itself may be there or not.
    Some(u64),
}

impl Sim {
    pub(super) fn new() -> Self {
        let mut state = State { next: ROOT + 1, ..State::default() };
        state.nodes.insert(ROOT, Node { kind: Kind::Folder, mode: 0o755, content: Vec::new() });
        Self { state: RefCell::new(state), can_exchange: true }
    }

    /// Puts something there for a test to begin with, synced.
    pub(super) fn set(&self, path: &str, kind: Kind, mode: u32, content: &str) {
        let mut state = self.state.borrow_mut();
        let mut folder = ROOT;
        let mut parts: Vec<&str> = path.split('/').collect();
        let last = parts.pop().expect("a name");
        for part in parts {
            let key = (folder, OsString::from(part));
            folder = match state.names.get(&key) {
                Some(inode) => *inode,
                None => state.make(key, Node { kind: Kind::Folder, mode: 0o755, content: Vec::new() }),
            };
        }
        state.make((folder, last.into()), Node { kind, mode, content: content.into() });
        state.sync_all();
    }

    pub(super) fn kill_at(&self, effect: usize) {
        let mut state = self.state.borrow_mut();
        (state.kill_at, state.effects) = (Some(effect), 0);
    }

    pub(super) fn fail(&self, fault: Fault) {
        let mut state = self.state.borrow_mut();
        (state.fault, state.effects) = (Some(fault), 0);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state.borrow().is_dead
    }

    pub(super) fn effects(&self) -> usize {
        self.state.borrow().effects
    }

    /// Counts an effect of another kind, and says whether it still happens.
    pub(super) fn effect(&self) -> Result<(), io::Error> {
        let mut state = self.state.borrow_mut();
        state.effects += 1;
        if state.is_dead || state.kill_at == Some(state.effects) {
            state.is_dead = true;
            return Err(io::Error::other("killed"));
        }
        Ok(())
    }

    /// The disk that a new process finds after this one ended.
    pub(super) fn after(&self, loss: Loss) -> Self {
        let mut state = self.state.borrow().clone();
        match loss {
            Loss::Nothing => {}
            Loss::Everything => {
                state.names = state.synced_names.clone();
                let State { nodes, synced, .. } = &mut state;
                for (inode, node) in nodes.iter_mut() {
                    match synced.get(inode) {
                        Some(synced) => *node = synced.clone(),
                        None if node.kind == Kind::File => node.content.clear(),
                        None => {}
                    }
                }
            }
            Loss::Some(seed) => state.lose(&mut Dice(seed)),
        }
        state.sync_all();
        (state.is_dead, state.kill_at, state.fault, state.effects) = (false, None, None, 0);
        Self { state: RefCell::new(state), can_exchange: self.can_exchange }
    }

    /// All that stands below the root but for what is the transactions' own.
    pub(super) fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let state = self.state.borrow();
        let mut found = BTreeMap::new();
        let mut open = vec![(PathBuf::new(), ROOT)];
        while let Some((path, folder)) = open.pop() {
            for ((_, name), inode) in state.names.range((folder, OsString::new())..(folder + 1, OsString::new())) {
                let below = path.join(name);
                let node = &state.nodes[inode];
                if below == Path::new(".alterplan") {
                    continue;
                }
                let line = format!("{:?} {:o} {}", node.kind, node.mode, String::from_utf8_lossy(&node.content));
                found.insert(below.clone(), line);
                if node.kind == Kind::Folder {
                    open.push((below, *inode));
                }
            }
        }
        found
    }

    fn find(&self, action: &'static str, path: &Path) -> Outcome<u64> {
        let fail = |code: i32| DiskError::new(action, path, io::Error::from_raw_os_error(code));
        let state = self.state.borrow();
        if state.is_dead {
            return Err(DiskError::new(action, path, io::Error::other("killed")));
        }
        let mut inode = ROOT;
        for part in path.iter() {
            match state.nodes[&inode].kind {
                Kind::Folder => {}
                Kind::Symlink => return Err(fail(40)),
                Kind::File | Kind::Other => return Err(fail(20)),
            }
            inode = *state.names.get(&(inode, part.to_owned())).ok_or_else(|| fail(2))?;
        }
        Ok(inode)
    }

    fn name(&self, action: &'static str, path: &Path) -> Outcome<Name> {
        let folder = self.find(action, path.parent().expect("not the root"))?;
        Ok((folder, path.file_name().expect("a name").to_owned()))
    }

    /// Begins an effect: here the process may be killed, or the disk may refuse.
    fn begin(&self, action: &'static str, path: &Path) -> Outcome<()> {
        self.effect().map_err(|why| DiskError::new(action, path, why))?;
        let state = self.state.borrow();
        match state.fault {
            Some(fault) if state.effects == fault.at || fault.stays && state.effects > fault.at => {
                Err(DiskError::new(action, path, io::Error::from_raw_os_error(fault.code)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn node<T>(&self, inode: u64, read: impl FnOnce(&Node) -> T) -> T {
        read(&self.state.borrow().nodes[&inode])
    }
}

impl State {
    fn make(&mut self, name: Name, node: Node) -> u64 {
        let inode = self.next;
        self.next += 1;
        self.nodes.insert(inode, node);
        self.rename(vec![(name, Some(inode))]);
        inode
    }

    fn rename(&mut self, changes: Vec<(Name, Option<u64>)>) {
        for (name, inode) in &changes {
            match inode {
                Some(inode) => self.names.insert(name.clone(), *inode),
                None => self.names.remove(name),
            };
        }
        self.pending.push(changes);
    }

    fn sync(&mut self, inode: u64) {
        self.synced.insert(inode, self.nodes[&inode].clone());
        let (synced, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|changes| changes.iter().any(|((f, _), _)| *f == inode));
        self.pending = rest;
        for (name, now) in synced.into_iter().flatten() {
            // An older change of the same name has nothing more to say.
            self.pending.iter_mut().for_each(|changes| changes.retain(|(other, _)| *other != name));
            set(&mut self.synced_names, name, now);
        }
    }

    fn sync_all(&mut self) {
        self.pending.clear();
        self.synced_names = self.names.clone();
        self.synced = self.nodes.clone();
    }

    fn lose(&mut self, dice: &mut Dice) {
        let mut names = self.synced_names.clone();
        for (name, now) in std::mem::take(&mut self.pending).into_iter().filter(|_| dice.below(2) == 0).flatten() {
            set(&mut names, name, now);
        }
        self.names = names;
        for (inode, node) in &mut self.nodes {
            let empty = Node { content: Vec::new(), ..node.clone() };
            let synced = self.synced.get(inode).unwrap_or(&empty);
            if node.kind != Kind::File || synced.content == node.content {
                node.mode = [node.mode, synced.mode][dice.below(2)];
                continue;
            }
            let same = synced.content.iter().zip(&node.content).take_while(|(a, b)| a == b).count();
            match dice.below(4) {
                0 => node.content = synced.content.clone(),
                1 => node.content.truncate(same + dice.below(node.content.len() - same + 1)),
                2 => node.content[same..].fill(0),
                _ => {}
            }
        }
    }
}

fn set(names: &mut BTreeMap<Name, u64>, name: Name, now: Option<u64>) {
    match now {
        Some(inode) => names.insert(name, inode),
        None => names.remove(&name),
    };
}

impl Disk for Sim {
    fn look(&self, path: &Path) -> Outcome<Option<Look>> {
        match self.find("look at", path) {
            Ok(inode) => Ok(Some(self.node(inode, |node| Look {
                kind: node.kind,
                mode: node.mode,
                size: node.content.len() as u64,
                inode,
                owner: 0,
                group: 0,
                modified: 0,
            }))),
            Err(error) if [Some(2), Some(20)].contains(&error.why.raw_os_error()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> Outcome<Vec<OsString>> {
        let inode = self.find("read", folder)?;
        let state = self.state.borrow();
        let names = state.names.range((inode, OsString::new())..(inode + 1, OsString::new()));
        Ok(names.map(|((_, name), _)| name.clone()).collect())
    }

    fn read(&self, file: &Path) -> Outcome<Vec<u8>> {
        Ok(self.node(self.find("read", file)?, |node| node.content.clone()))
    }

    fn digest(&self, file: &Path) -> Outcome<String> {
        Ok(sha256(&self.read(file)?))
    }

    fn read_link(&self, link: &Path) -> Outcome<PathBuf> {
        Ok(PathBuf::from(String::from_utf8(self.read(link)?).expect("UTF-8")))
    }

    fn free_space(&self) -> Outcome<u64> {
        Ok(1 << 40)
    }

    fn may_write(&self, folder: &Path) -> Outcome<bool> {
        Ok(self.node(self.find("open", folder)?, |node| node.mode & 0o200 != 0))
    }

    fn make_folder(&self, folder: &Path, mode: u32) -> Outcome<()> {
        self.begin("make", folder)?;
        let name = self.name("make", folder)?;
        let mut state = self.state.borrow_mut();
        if state.names.contains_key(&name) {
            return Err(DiskError::new("make", folder, io::Error::from_raw_os_error(17)));
        }
        state.make(name, Node { kind: Kind::Folder, mode, content: Vec::new() });
        Ok(())
    }

    fn write_at(&self, file: &Path, offset: u64, bytes: &[u8]) -> Outcome<()> {
        let before = self.begin("write", file);
        let name = self.name("write", file)?;
        let mut state = self.state.borrow_mut();
        let known = state.names.get(&name).copied();
        let inode =
            known.unwrap_or_else(|| state.make(name, Node { kind: Kind::File, mode: 0o600, content: Vec::new() }));
        let content = &mut state.nodes.get_mut(&inode).expect("a node").content;
        content.truncate(usize::try_from(offset).expect("small"));
        if before.is_err() {
            // A full disk takes what it can.
            content.extend_from_slice(&bytes[..bytes.len() / 2]);
            return before;
        }
        content.extend_from_slice(bytes);
        Ok(())
    }

    fn dress(&self, path: &Path, dress: &Dress<'_>) -> Outcome<()> {
        self.begin("set the rights of", path)?;
        let inode = self.find("set the rights of", path)?;
        if let Some(mode) = dress.mode {
            let mut state = self.state.borrow_mut();
            let node = state.nodes.get_mut(&inode).expect("a node");
            node.mode = if node.kind == Kind::Symlink { 0o777 } else { mode };
        }
        Ok(())
    }

    fn sync(&self, paths: &[PathBuf]) -> Outcome<()> {
        for path in paths {
            self.begin("sync", path)?;
            if let Some(look) = self.look(path)? {
                self.state.borrow_mut().sync(look.inode);
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Outcome<()> {
        if self.look(to)?.is_some() {
            return Err(DiskError::new("rename", to, io::Error::from_raw_os_error(17)));
        }
        self.replace(from, to)
    }

    fn replace(&self, from: &Path, to: &Path) -> Outcome<()> {
        self.begin("rename", to)?;
        let inode = self.find("rename", from)?;
        let changes = vec![(self.name("rename", from)?, None), (self.name("rename", to)?, Some(inode))];
        self.state.borrow_mut().rename(changes);
        Ok(())
    }

    fn exchange(&self, one: &Path, other: &Path) -> Outcome<()> {
        self.begin("exchange", other)?;
        if !self.can_exchange {
            return Err(DiskError::new("exchange", other, io::Error::from(io::ErrorKind::Unsupported)));
        }
        let (first, second) = (self.find("exchange", one)?, self.find("exchange", other)?);
        let changes = vec![(self.name("exchange", one)?, Some(second)), (self.name("exchange", other)?, Some(first))];
        self.state.borrow_mut().rename(changes);
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> Outcome<()> {
        self.begin("link", to)?;
        let inode = self.find("link", from)?;
        let name = self.name("link", to)?;
        self.state.borrow_mut().rename(vec![(name, Some(inode))]);
        Ok(())
    }

    fn remove_file(&self, file: &Path) -> Outcome<()> {
        self.begin("remove", file)?;
        let name = self.name("remove", file)?;
        self.state.borrow_mut().rename(vec![(name, None)]);
        Ok(())
    }

    fn remove_folder(&self, folder: &Path) -> Outcome<()> {
        self.begin("remove", folder)?;
        if !self.list(folder)?.is_empty() {
            return Err(DiskError::new("remove", folder, io::Error::from_raw_os_error(39)));
        }
        let name = self.name("remove", folder)?;
        self.state.borrow_mut().rename(vec![(name, None)]);
        Ok(())
    }

    fn set_modified(&self, path: &Path, _: i64) -> Outcome<()> {
        self.begin("set the time of", path)
    }
}
