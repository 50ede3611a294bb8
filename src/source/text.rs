//! The bytes of a source, wherever they lie.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Bytes that are held for as long as somebody looks at them: on the heap, or wherever whoever read them found room.
///
/// ```
/// use alterplan::source::Text;
/// let text = Text::from("create table t (a int)");
/// assert_eq!(text, b"create table t (a int)");
/// ```
#[derive(Clone)]
pub struct Text(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl Text {
    /// Bytes that somebody else keeps.
    pub fn kept_by(keeper: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Arc::new(keeper))
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Text {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}

impl Eq for Text {}

impl Default for Text {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self::kept_by(bytes)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self), f)
    }
}
