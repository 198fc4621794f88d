//! A page from its top to its end.

use std::time::Instant;

use crate::drill::Incident;
use crate::page::{Block, Mark, Page, Step};
use crate::scene::{Ended, Scene};

/// A page that is being carried out.
pub(crate) struct Walk<'a> {
    page: &'a Page,
    scene: &'a Scene,
    incident: &'a mut dyn Incident,
    next: Expected,
    /// What the last command said, as far as nothing on the page has claimed it.
    said: Option<Ended>,
}

/// What marks say of the next block.
#[derive(Debug, Default)]
struct Expected {
    exit: i32,
    is_silent: bool,
    killed: Option<String>,
    is_for_others: bool,
    is_not_run: bool,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(page: &'a Page, scene: &'a Scene, incident: &'a mut dyn Incident) -> Self {
        Self {
            page,
            scene,
            incident,
            next: Expected::default(),
            said: None,
        }
    }

    pub(crate) fn go(mut self) {
        for step in &self.page.steps {
            match &step.block {
                Block::Mark(mark) => self.mark(step, mark),
                Block::Commands(commands) => self.commands(step, commands),
                Block::Said(lines) => self.said(step, lines),
            }
        }
    }

    fn tell(&self, step: &Step, what: &str) {
        println!("{}.md:{}: {}", self.page.name, step.line, what.trim_end());
    }

    fn mark(&mut self, step: &Step, mark: &Mark) {
        match mark {
            Mark::Act(name) => {
                self.tell(step, &format!("({name})"));
                self.incident.act(self.scene, name);
            }
            Mark::Metric(test) => {
                self.tell(step, &format!("({test})"));
                self.scene.until_metric(test);
            }
            Mark::Exit(code) => self.next.exit = *code,
            // It stands before what was said, which is told by itself.
            Mark::Prints => {}
            Mark::Silent => self.next.is_silent = true,
            Mark::Killed(moment) => self.next.killed = Some(moment.clone()),
            Mark::On(database) => self.next.is_for_others = database != self.scene.database,
            Mark::NotRun(_) => self.next.is_not_run = true,
        }
    }

    fn commands(&mut self, step: &Step, commands: &[String]) {
        let next = std::mem::take(&mut self.next);
        self.said = None;
        if next.is_for_others || next.is_not_run {
            return;
        }
        for (number, command) in commands.iter().enumerate() {
            let is_last = number + 1 == commands.len();
            let command = self.in_place(command);
            self.tell(step, &format!("$ {command}"));
            let began = Instant::now();
            let mut prompt = self.scene.prompt.borrow_mut();
            let (ended, code) = match &next.killed {
                Some(moment) if is_last => {
                    let moment = || self.incident.moment(self.scene, moment);
                    (prompt.run_until(&command, moment), 137)
                }
                _ => (prompt.run(&command), if is_last { next.exit } else { 0 }),
            };
            drop(prompt);
            self.incident.ran(&command, began.elapsed());
            print!("{}{}", ended.output, ended.prose);
            assert_eq!(
                ended.code, code,
                "{}.md:{}: exit code of: {command}{}{}",
                self.page.name, step.line, ended.output, ended.prose
            );
            if is_last {
                let is_right = !next.is_silent || ended.output.is_empty();
                assert!(is_right, "it should say nothing: {command}{}", ended.output);
                self.said = Some(ended);
            }
        }
    }

    /// A place's own values are its own: an `export` of one that this place has is about this place.
    fn in_place(&self, command: &str) -> String {
        let named = command
            .strip_prefix("export ")
            .and_then(|rest| rest.split_once('='));
        match named.and_then(|(name, _)| Some((name, self.scene.value_of(name)?))) {
            Some((name, value)) => format!("export {name}='{value}'\n"),
            None => command.to_owned(),
        }
    }

    /// Each line is said, in this order; `…` stands for anything, and columns for whatever is between them.
    fn said(&mut self, step: &Step, lines: &[String]) {
        let next = std::mem::take(&mut self.next);
        let (Some(ended), false) = (self.said.take(), next.is_for_others) else {
            return;
        };
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let output = format!("{}{}", ended.output, ended.prose);
        let mut spoken = output.lines().map(words);
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            let wanted = words(line);
            assert!(
                spoken.any(|said| is_like(&said, &wanted)),
                "{}.md:{}: nobody said `{wanted}`:\n{output}",
                self.page.name,
                step.line
            );
        }
    }
}

/// Whether a line is as the page has it.
fn is_like(said: &str, wanted: &str) -> bool {
    let mut parts = wanted.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else {
        return false;
    };
    let mut open = false;
    for part in parts {
        open = true;
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    // Behind the last `…` anything may follow, elsewhere nothing.
    rest.is_empty() || (open && wanted.ends_with('…'))
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn dots_stand_for_anything() {
        assert!(is_like("letters 800", "letters 800"));
        assert!(!is_like("letters 8000", "letters 800"));
        assert!(is_like("job 17 is dead since 3 s", "job … is dead …"));
        assert!(!is_like("job 17 is dead", "job … is alive"));
        assert!(!is_like("a job", "job"));
        assert!(is_like("a job", "…job"));
        assert!(!is_like("a job is", "…job"));
    }
}
