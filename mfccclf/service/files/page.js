"use strict";

// Shows each example with this server's address, and tries /v1/predict with a file.

const address = window.location.origin;
const socketAddress = address.replace(/^http/, "ws");

for (const example of document.querySelectorAll(".example")) {
  const isSocket = example.textContent.includes("/v1/live");
  example.textContent = example.textContent.replaceAll(
    "{address}",
    isSocket ? socketAddress : address,
  );
}

const answer = document.getElementById("answer");

async function predict(file, model, token) {
  const query = new URLSearchParams({ model, name: file.name });
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(`/v1/predict?${query}`, { method: "POST", headers, body: file });
  return JSON.stringify(await response.json(), null, 2);
}

document.getElementById("try").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = document.getElementById("file").files;
  const value = (id) => document.getElementById(id).value;
  answer.textContent = "Waiting for the answer...";
  try {
    answer.textContent = await predict(file, value("model"), value("token"));
  } catch (error) {
    answer.textContent = `No answer: ${error.message}`;
  }
});
