//! What only stands for a secret: a variable, a blank to be filled in, stars.

/// Words that set nothing, or say of which type something is.
const NOTHING: [&str; 16] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "string",
    "str",
    "text",
    "bytes",
    "number",
    "boolean",
    "bool",
    "object",
    "any",
    "optional",
];

/// Whether the text as a whole stands for something else.
pub(super) fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let inner = |open: &str, close: &str| {
        let inner = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.contains(['<', '>', '{', '}', '$']))
    };
    is_blank(text)
        || inner("${", "}")
        || inner("#{", "}")
        || inner("{{", "}}")
        || inner("$(", ")")
        || inner("{", "}")
        || inner("<", ">")
        || is_variable(text)
        || is_of_a_store(text)
        || matches!(text, "%s" | "%v" | "%d" | "?" | "{}")
}

/// Whether the word sets nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Stars and their like.
fn is_blank(text: &str) -> bool {
    let crosses = text.len() >= 3 && text.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    let signs = |c| matches!(c, '*' | '.' | '•' | '…' | '-' | '_');
    crosses || text.chars().all(signs)
}

/// `$NAME` and `%NAME%`.
fn is_variable(text: &str) -> bool {
    let percent = text
        .strip_prefix('%')
        .and_then(|rest| rest.strip_suffix('%'));
    let Some(name) = text.strip_prefix('$').or(percent) else {
        return false;
    };
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(capital)
}

/// As this project's own files refer to secrets.
fn is_of_a_store(text: &str) -> bool {
    let name = ["env:", "credential:", "file:"]
        .iter()
        .find_map(|form| text.strip_prefix(form));
    name.is_some_and(|name| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
        !name.is_empty() && name.bytes().all(plain)
    })
}
