//! Where a value stands, as a JSON Pointer (RFC 6901).

use super::node::shortened;

/// The way from the root to a value. Written out only when something is to be said of the value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn write(&self, to: &mut String) {
        match self {
            Path::Root => {}
            Path::Index(parent, index) => {
                parent.write(to);
                to.push('/');
                to.push_str(&index.to_string());
            }
            Path::Key(parent, key) => {
                parent.write(to);
                to.push('/');
                // Whoever wrote the document chose the key, of whatever length.
                let key = shortened(key);
                if key.contains(['~', '/']) {
                    to.push_str(&key.replace('~', "~0").replace('/', "~1"));
                } else {
                    to.push_str(&key);
                }
            }
        }
    }

    /// As a JSON Pointer.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::with_capacity(32);
        self.write(&mut pointer);
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped() {
        let list = Path::Key(&Path::Root, "a/b~c");
        assert_eq!(Path::Index(&list, 3).pointer(), "/a~1b~0c/3");
        assert_eq!(Path::Root.pointer(), "");
    }
}
