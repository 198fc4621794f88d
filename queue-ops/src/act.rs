//! Who does something and why, as command lines ask for it.

use queue_core::Actor;

/// The longest reason.
const LONGEST: usize = 1000;

/// A reason as it goes on record: some text in one line. It is a parser of values for clap.
///
/// ```
/// assert_eq!(queue_ops::reason(" the relay is back, OPS-17 ").unwrap(), "the relay is back, OPS-17");
/// assert_eq!(
///     queue_ops::reason(" ").unwrap_err(),
///     "write 1 to 1000 bytes of text in one line, such as 'the relay is back, OPS-17'"
/// );
/// ```
pub fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(format!(
            "write 1 to {LONGEST} bytes of text in one line, such as 'the relay is back, OPS-17'"
        ));
    }
    Ok(text.to_owned())
}

/// Who was given, or the user of the operating system: by the user id, not by a variable that anybody may set. Where there
/// is none, nobody acts without saying who.
///
/// ```
/// use queue_core::Actor;
/// let ada = Actor::new("ada").unwrap();
/// assert_eq!(queue_ops::actor(Some(&ada)).unwrap(), ada);
/// ```
pub fn actor(given: Option<&Actor>) -> Result<Actor, String> {
    if let Some(actor) = given {
        return Ok(actor.clone());
    }
    let name = whoami::username().map_err(|error| {
        format!("the operating system does not say who you are ({error}): give --actor NAME")
    })?;
    Actor::new(name).map_err(|error| format!("{error}, by --actor NAME"))
}
