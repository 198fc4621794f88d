//! Where a value stands, as a JSON Pointer (RFC 6901).

use std::fmt::{self, Write};

use super::node::shortened;

/// The way from the root to a value. Written out only when something is to be said of the value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Index(parent, index) => write!(f, "{parent}/{index}"),
            Path::Key(parent, key) => {
                write!(f, "{parent}/")?;
                // Whoever wrote the document chose the key, of whatever length.
                for char in shortened(key).chars() {
                    match char {
                        '~' => f.write_str("~0")?,
                        '/' => f.write_str("~1")?,
                        other => f.write_char(other)?,
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped() {
        let list = Path::Key(&Path::Root, "a/b~c");
        assert_eq!(Path::Index(&list, 3).to_string(), "/a~1b~0c/3");
        assert_eq!(Path::Root.to_string(), "");
    }
}
