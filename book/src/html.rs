//! What a page of HTML leads to, and what can be led to in it.

use std::collections::BTreeSet;

use html5gum::{Token, Tokenizer};

/// What links are about.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// Places in it that have a name.
    pub names: BTreeSet<String>,
    /// Where it leads: pages, pictures, scripts and style.
    pub links: Vec<String>,
}

/// Reads a page.
#[must_use]
pub fn read(html: &str) -> Anchored {
    let mut found = Anchored::default();
    for token in Tokenizer::new(html) {
        // Text and comments lead nowhere; an error of HTML's is nobody's link.
        let Ok(Token::StartTag(tag)) = token else {
            continue;
        };
        for (name, value) in &tag.attributes {
            let value = || String::from_utf8_lossy(value).into_owned();
            match name.as_slice() {
                b"id" => {
                    found.names.insert(value());
                }
                b"name" if tag.name.as_slice() == b"a" => {
                    found.names.insert(value());
                }
                b"href" | b"src" => found.links.push(value()),
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_links_are_found() {
        let found = read(
            r##"<h2 id=top>x</h2><a name="old"></a><a href="a.html#b&amp;c">y</a><!-- <a href="no"> -->"##,
        );
        let names: Vec<_> = found.names.iter().map(String::as_str).collect();
        assert_eq!(names, ["old", "top"]);
        assert_eq!(found.links, ["a.html#b&c"]);
    }
}
