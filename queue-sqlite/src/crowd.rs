//! Who goes together in the writer's next transaction.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use crate::request::Request;
use crate::writer::Message;

/// A group takes no more requests once it has this many rows, so that no commit takes long.
const GROUP_ROWS: usize = 10_000;
/// A caller that was answered and has another request at once is back by then. Where threads wake slowly, half of
/// it is too little: a lone producer at `synchronous=FULL` had 4,280 jobs a second stored, and 4,950 with this.
const BACK: Duration = Duration::from_micros(100);

/// Puts groups together. While callers come back as soon as they are answered, it stays awake for them, and lets
/// them go together again: to put the thread to sleep and to wake it takes longer than to carry a request out, and
/// a transaction for each costs more than a moment for all. Who comes alone never waits for company.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    /// How many were in the last group, and since when they have their answers.
    last: Option<(usize, Instant)>,
    /// Whether callers have come back at once of late.
    is_busy: bool,
    /// Whether no more is to be carried out.
    pub(crate) is_over: bool,
}

impl Crowd {
    /// The next group: empty only when it is over.
    pub(crate) fn gather(&mut self, requests: &Receiver<Message>) -> Vec<Box<dyn Request>> {
        let mut group = Group::default();
        // Those that came while others were carried out.
        while self.take(requests, &mut group) {}
        let (size, answered) = self.last.unwrap_or((0, Instant::now()));
        let expected = group.requests.len() + size;
        while self.is_busy && group.requests.len() < expected && !self.is_over && !group.is_full() {
            if !self.take(requests, &mut group) {
                self.is_busy = answered.elapsed() < BACK;
                // Whoever is to come may need this processor for it.
                std::thread::yield_now();
            }
        }
        if group.requests.is_empty() && !self.is_over {
            self.hear(requests.recv().ok(), &mut group);
            while self.take(requests, &mut group) {}
        }
        self.is_busy = answered.elapsed() < BACK;
        self.last = Some((group.requests.len(), Instant::now()));
        group.requests
    }

    /// The group has its answers.
    pub(crate) fn was_answered(&mut self) {
        if let Some((_, answered)) = &mut self.last {
            *answered = Instant::now();
        }
    }

    /// Takes one that is there, if there is room for it.
    fn take(&mut self, requests: &Receiver<Message>, group: &mut Group) -> bool {
        if group.is_full() || self.is_over {
            return false;
        }
        match requests.try_recv() {
            Ok(message) => self.hear(Some(message), group),
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => self.hear(None, group),
        }
        true
    }

    /// Nobody is left who could send anything, if it is none.
    fn hear(&mut self, message: Option<Message>, group: &mut Group) {
        match message {
            Some(Message::Request(request)) => {
                group.rows += request.weight();
                group.requests.push(request);
            }
            Some(Message::Stop) | None => self.is_over = true,
        }
    }
}

#[derive(Default)]
struct Group {
    requests: Vec<Box<dyn Request>>,
    rows: usize,
}

impl Group {
    fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::request::Call;

    fn send(requests: &Sender<Message>, rows: usize) {
        let (call, _) = Call::new("test", rows, |_| Ok(()));
        requests.send(Message::Request(call)).unwrap();
    }

    #[test]
    fn those_who_are_there_go_together_as_far_as_there_is_room() {
        let (sender, requests) = channel();
        let mut crowd = Crowd::default();
        for _ in 0..3 {
            send(&sender, GROUP_ROWS / 2);
        }
        assert_eq!(crowd.gather(&requests).len(), 2);
        assert_eq!(crowd.gather(&requests).len(), 1);
        assert!(!crowd.is_over);
    }

    #[test]
    fn who_came_before_the_end_is_carried_out() {
        let (sender, requests) = channel();
        let mut crowd = Crowd::default();
        send(&sender, 1);
        sender.send(Message::Stop).unwrap();
        send(&sender, 1);
        assert_eq!(crowd.gather(&requests).len(), 1);
        assert!(crowd.is_over);
    }

    #[test]
    fn it_is_over_when_nobody_is_left() {
        let (sender, requests) = channel();
        let mut crowd = Crowd::default();
        drop(sender);
        assert!(crowd.gather(&requests).is_empty());
        assert!(crowd.is_over);
    }

    /// A crowd that has answered so many, who will have been back in time whenever they come.
    fn busy(size: usize) -> Crowd {
        Crowd {
            last: Some((size, Instant::now() + Duration::from_secs(3600))),
            is_busy: true,
            is_over: false,
        }
    }

    #[test]
    fn who_comes_back_goes_with_those_who_came_meanwhile() {
        let (sender, requests) = channel();
        send(&sender, 1);
        let back = std::thread::spawn(move || {
            for _ in 0..1000 {
                std::thread::yield_now();
            }
            send(&sender, 1);
            send(&sender, 1);
            sender
        });
        assert_eq!(busy(2).gather(&requests).len(), 3);
        back.join().unwrap();
    }

    #[test]
    fn nobody_is_waited_for_once_they_are_late() {
        let (sender, requests) = channel();
        send(&sender, 1);
        let mut crowd = Crowd {
            last: Some((2, Instant::now().checked_sub(BACK).unwrap())),
            ..busy(2)
        };
        assert_eq!(crowd.gather(&requests).len(), 1);
        assert!(!crowd.is_busy);
    }
}
