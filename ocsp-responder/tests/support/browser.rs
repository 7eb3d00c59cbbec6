//! Chromium without a window, driven over a pipe with the DevTools protocol: NUL-terminated JSON in both
//! directions, on its descriptors 3 and 4.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::tool;

const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page, until it is dropped.
pub struct Browser {
    child: Child,
    commands: File,
    messages: Receiver<Value>,
    next: u64,
    session: Option<String>,
    /// What the page complained of: blocked loads, failed requests, errors.
    pub complaints: Vec<String>,
}

impl Browser {
    /// Starts it; `None`, with a line that says so, where there is none. `dir` is for its files.
    pub fn start(dir: &Path) -> Option<Self> {
        tool("chromium", &["--version"], dir)?;
        let pipes = tool("mkfifo", &["commands", "messages"], dir)?;
        assert!(pipes.status.success());
        let chromium = "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
             --disable-background-networking --no-first-run --user-data-dir=profile \
             --remote-debugging-pipe about:blank 3<commands 4>messages";
        let child = Command::new("sh")
            .args(["-c", chromium])
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Each waits for the other end, in this order.
        let commands = OpenOptions::new()
            .write(true)
            .open(dir.join("commands"))
            .unwrap();
        let mut incoming = BufReader::new(File::open(dir.join("messages")).unwrap());
        let (tell, messages) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while incoming.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                let parsed = serde_json::from_slice(&message);
                message.clear();
                if tell.send(parsed.unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self {
            child,
            commands,
            messages,
            next: 0,
            session: None,
            complaints: Vec::new(),
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Log.enable", "Runtime.enable", "DOM.enable"] {
            browser.call(domain, json!({}));
        }
        Some(browser)
    }

    /// Calls a method and waits for its result.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let result = self.attempt(method, params);
        result.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same, where it may fail: a page that is being left answers nothing.
    fn attempt(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.next += 1;
        let mut command = json!({"id": self.next, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&command).unwrap();
        bytes.push(0);
        self.commands.write_all(&bytes).unwrap();
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            match message["method"].as_str() {
                Some("Log.entryAdded") => self
                    .complaints
                    .push(message["params"]["entry"]["text"].to_string()),
                Some("Runtime.exceptionThrown") => self.complaints.push(message.to_string()),
                _ => {}
            }
            if message["id"] == json!(self.next) {
                return match &message["error"] {
                    Value::Null => Ok(message["result"].clone()),
                    error => Err(error.clone()),
                };
            }
        }
    }

    /// The value of an expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true});
        let result = self.call("Runtime.evaluate", asked);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Opens an address and waits for the page.
    pub fn open(&mut self, url: &str) {
        self.leave(|browser| {
            browser.call("Page.navigate", json!({"url": url}));
        });
    }

    /// Clicks on what the selector finds, and waits for the page that follows.
    pub fn click(&mut self, selector: &str) {
        // Later, so that the answer to this comes before the page is left.
        let click = format!(
            "void setTimeout(() => document.querySelector({}).click())",
            json!(selector)
        );
        self.leave(|browser| {
            browser.value(&click);
        });
    }

    /// Does something that leads to another page, and waits until that is there.
    fn leave(&mut self, act: impl FnOnce(&mut Self)) {
        self.value("window.before = true");
        act(self);
        let since = Instant::now();
        let there = "!window.before && document.readyState === 'complete'";
        let asked = json!({"expression": there, "returnByValue": true});
        let arrived = |browser: &mut Self| {
            let result = browser.attempt("Runtime.evaluate", asked.clone());
            result.is_ok_and(|result| result["result"]["value"] == json!(true))
        };
        while !arrived(self) {
            assert!(since.elapsed() < PATIENCE, "the page does not come");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Chooses a file in a form.
    pub fn choose(&mut self, selector: &str, file: &Path) {
        let document = self.call("DOM.getDocument", json!({}));
        let root = &document["root"]["nodeId"];
        let found = self.call(
            "DOM.querySelector",
            json!({"nodeId": root, "selector": selector}),
        );
        let params = json!({"nodeId": found["nodeId"], "files": [file]});
        self.call("DOM.setFileInputFiles", params);
    }

    /// Types into a field as a keyboard does.
    pub fn type_into(&mut self, selector: &str, text: &str) {
        self.value(&format!(
            "document.querySelector({}).focus()",
            json!(selector)
        ));
        self.call("Input.insertText", json!({"text": text}));
    }

    /// The text that a visitor sees in the first element the selector finds.
    pub fn text(&mut self, selector: &str) -> String {
        let text = self.value(&format!(
            "document.querySelector({}).innerText",
            json!(selector)
        ));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Gives the window this size.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
