// Calls to our own server: JSON both ways, with the session's token.

/** The JSON answer. Throws an Error with the server's words; `body` holds the whole answer. */
export async function ask(url, body) {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'X-CSRF-Token': document.querySelector('[data-csrf]').dataset.csrf }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { body: answer, status: response.status });
  return answer;
}
