//! A stand-in for a mail server that takes every mail, and keeps each in a file of its own.
//!
//! It answers that it has taken a mail when the file is there, and not before: what it was killed with was not taken.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The longest line, and the largest mail, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;
const LARGEST_MAIL: usize = 16 * 1024 * 1024;
/// What stands before each recipient of the envelope in a file.
const ENVELOPE: &str = "X-Envelope-To: ";

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMail {
    /// The recipients on its envelope.
    pub to: Vec<String>,
    /// The mail itself.
    pub text: String,
}

impl TakenMail {
    /// Its `Message-ID`, without the brackets: the same for every attempt at one mail.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        let mut headers = self.text.lines().take_while(|line| !line.is_empty());
        let id = headers.find_map(|line| line.strip_prefix("Message-ID: "))?;
        Some(id.trim().trim_start_matches('<').trim_end_matches('>'))
    }

    fn read(text: &str) -> Self {
        let is_envelope = |line: &&str| line.starts_with(ENVELOPE);
        let envelope = text.lines().take_while(is_envelope);
        let to = envelope.map(|line| line.trim_start_matches(ENVELOPE).to_owned());
        let to: Vec<String> = to.collect();
        let mail = text.splitn(to.len() + 1, '\n').last().unwrap_or_default();
        Self {
            text: mail.to_owned(),
            to,
        }
    }
}

/// All that were taken into that folder, in no order.
pub fn taken(folder: &Path) -> io::Result<Vec<TakenMail>> {
    let mut mails = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            mails.push(TakenMail::read(&String::from_utf8_lossy(&fs::read(path)?)));
        }
    }
    Ok(mails)
}

/// Serves until the listener fails.
pub async fn serve(listener: TcpListener, folder: PathBuf) -> io::Result<()> {
    let shelf = Arc::new(Shelf {
        folder,
        count: AtomicU64::new(0),
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let shelf = Arc::clone(&shelf);
        tokio::spawn(async move {
            // A client that went away is no trouble of ours.
            drop(talk(stream, &shelf).await);
        });
    }
}

/// Where mails are put.
struct Shelf {
    folder: PathBuf,
    count: AtomicU64,
}

impl Shelf {
    /// Under a name that no other process and no other mail has.
    fn put(&self, to: &[String], mail: &[u8]) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number:06}", std::process::id());
        let mut text: Vec<u8> = to
            .iter()
            .flat_map(|to| format!("{ENVELOPE}{to}\n").into_bytes())
            .collect();
        text.extend_from_slice(mail);
        let part = self.folder.join(format!("{name}.part"));
        fs::write(&part, text)?;
        fs::rename(part, self.folder.join(format!("{name}.eml")))
    }
}

async fn talk(stream: TcpStream, shelf: &Shelf) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 stand-in ESMTP\r\n").await?;
    let mut to = Vec::new();
    loop {
        let Some(line) = line(&mut stream).await? else {
            return Ok(());
        };
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-stand-in\r\n250-8BITMIME\r\n250 SIZE 16777216\r\n",
            "HELO" | "NOOP" => b"250 yes\r\n",
            "RSET" | "MAIL" => {
                to.clear();
                b"250 yes\r\n"
            }
            "RCPT" => {
                let address = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'));
                to.extend(address.map(|(address, _)| address.to_owned()));
                b"250 yes\r\n"
            }
            "DATA" if to.is_empty() => b"503 to whom?\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let Some(mail) = mail(&mut stream).await? else {
                    return Ok(());
                };
                shelf.put(&to, &mail)?;
                to.clear();
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// Up to the line with the dot alone; none if that does not come.
async fn mail(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    while let Some(line) = line(stream).await? {
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line == b"." {
            return Ok(Some(mail));
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        mail.push(b'\n');
        if mail.len() > LARGEST_MAIL {
            return Ok(None);
        }
    }
    Ok(None)
}

async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    stream
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .await?;
    Ok(line.ends_with(b"\n").then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn say(stream: &mut TcpStream, words: &str) -> String {
        stream.write_all(words.as_bytes()).await.unwrap();
        let mut answer = vec![0; 512];
        let got = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..got]).into_owned()
    }

    #[tokio::test]
    async fn a_mail_is_taken_when_its_file_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, folder.path().to_owned()));
        let mut stream = TcpStream::connect(place).await.unwrap();
        assert!(say(&mut stream, "").await.starts_with("220"));
        assert!(say(&mut stream, "EHLO x\r\n").await.contains("8BITMIME"));
        assert!(say(&mut stream, "DATA\r\n").await.starts_with("503"));
        assert!(
            say(&mut stream, "MAIL FROM:<b@x.org>\r\n")
                .await
                .starts_with("250")
        );
        assert!(
            say(&mut stream, "RCPT TO:<ada@example.org>\r\n")
                .await
                .starts_with("250")
        );
        assert!(say(&mut stream, "DATA\r\n").await.starts_with("354"));
        let mail = "Message-ID: <k@x.org>\r\nSubject: s\r\n\r\n..a dot\r\n.\r\n";
        assert!(say(&mut stream, mail).await.starts_with("250"));
        let mails = taken(folder.path()).unwrap();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].to, ["ada@example.org"]);
        assert_eq!(mails[0].message_id(), Some("k@x.org"));
        assert_eq!(
            mails[0].text,
            "Message-ID: <k@x.org>\nSubject: s\n\n.a dot\n"
        );
        assert!(say(&mut stream, "QUIT\r\n").await.starts_with("221"));
    }
}
