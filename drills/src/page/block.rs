//! Blocks of code: commands, what they say, and what is only shown.

use std::process::{Command, Stdio};

use super::Mark;

/// What a step of a page is.
#[derive(Debug, Clone)]
pub enum Block {
    /// A comment for the drill.
    Mark(Mark),
    /// Commands, each as it is written, with all of its lines.
    Commands(Vec<String>),
    /// Lines that the last command before it says, among others, in this order.
    Said(Vec<String>),
}

impl Block {
    /// A block of that information string, behind that mark; none if it is only shown.
    pub(super) fn read(
        info: &str,
        text: &str,
        mark: Option<&Mark>,
    ) -> Result<Option<Self>, String> {
        match (info, mark) {
            ("sh", Some(Mark::Prints)) => {
                Err("these are commands: what they say is text".to_owned())
            }
            ("sh", _) => commands(text).map(|commands| Some(Self::Commands(commands))),
            ("text", Some(Mark::Prints)) => {
                let lines = text.lines().map(str::to_owned).collect();
                Ok(Some(Self::Said(lines)))
            }
            ("text", _) => Err("what commands say has <!-- prints --> above it".to_owned()),
            // Settings and the like, that somebody puts somewhere; never something to be run.
            ("toml" | "ini" | "yaml", None) => Ok(None),
            ("toml" | "ini" | "yaml", Some(_)) => {
                Err("this is only shown: the mark above it is about commands".to_owned())
            }
            (other, _) => Err(format!(
                "`{other}` is no block of a runbook; write sh for commands, text for what they say, toml, ini or yaml \
                 for what stands in a file"
            )),
        }
    }
}

/// The commands of a block. A line goes on in the next one behind a backslash, until the end of a text that is handed in
/// (`<<EOF`), and wherever a shell would read on.
fn commands(text: &str) -> Result<Vec<String>, String> {
    let mut commands = Vec::new();
    let mut command = String::new();
    let mut handed_in: Option<String> = None;
    for line in text.lines() {
        if command.is_empty() && (line.trim().is_empty() || line.starts_with('#')) {
            continue;
        }
        command.push_str(line);
        command.push('\n');
        match &handed_in {
            Some(end) if line == *end => handed_in = None,
            Some(_) => continue,
            None => handed_in = text_after(line),
        }
        let goes_on = handed_in.is_some() || line.ends_with('\\') || !is_whole(&command);
        if !goes_on {
            commands.push(std::mem::take(&mut command));
        }
    }
    match command.is_empty() {
        true => Ok(commands),
        false => Err(format!("this command has no end: {}", command.trim())),
    }
}

/// The word that ends the text that is handed in below this line.
fn text_after(line: &str) -> Option<String> {
    let (_, word) = line.split_once("<<")?;
    let word = word.split_whitespace().next()?;
    Some(word.trim_matches(['\'', '"']).to_owned())
}

/// Whether a shell reads it to its end: no quote, loop or parenthesis is open.
fn is_whole(text: &str) -> bool {
    let mut shell = Command::new("sh");
    let read = shell
        .args(["-n", "-c", text])
        .stderr(Stdio::null())
        .status();
    read.expect("sh reads commands").success()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_keep_their_lines() {
        let lines = [
            "# not this",
            "a --b \\",
            "    --c   # it isn't quoted",
            "cat > x <<'EOF'",
            "it's",
            "EOF",
            "d 'e",
            "f'",
            "g \"h \\\"i\\\"\"",
            "for j in k; do",
            "    l",
            "done",
        ];
        let commands = commands(&lines.join("\n")).unwrap();
        assert_eq!(
            commands,
            [
                "a --b \\\n    --c   # it isn't quoted\n",
                "cat > x <<'EOF'\nit's\nEOF\n",
                "d 'e\nf'\n",
                "g \"h \\\"i\\\"\"\n",
                "for j in k; do\n    l\ndone\n",
            ]
        );
    }

    #[test]
    fn what_has_no_end_is_told() {
        assert!(commands("a 'b").is_err());
        assert!(commands("a \\").is_err());
        assert!(Block::read("bash", "", None).is_err());
        assert!(Block::read("text", "x", None).is_err());
    }
}
