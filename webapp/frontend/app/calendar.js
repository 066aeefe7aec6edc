// The timetable week. Events come as JSON; a click opens the lesson.
import EventCalendar from '@event-calendar/build/dist/event-calendar.min.js';

const TABLE_ROLES = ['table', 'rowgroup', 'row', 'cell', 'gridcell', 'columnheader', 'rowheader', 'list', 'listitem'];
const TABLE_ATTRIBUTES = ['aria-colindex', 'aria-colcount', 'aria-colspan', 'aria-rowindex', 'aria-rowcount', 'aria-rowspan'];

export function start(element) {
  const words = JSON.parse(element.dataset.words);
  const phone = matchMedia('(max-width: 860px)').matches;
  // The calendar's boxes claim table roles without their children; plain boxes with text read better.
  new MutationObserver(() => plain(element)).observe(element, { childList: true, subtree: true });
  EventCalendar.create(element, {
    view: phone ? 'listWeek' : 'timeGridWeek',
    date: element.dataset.date,
    locale: document.documentElement.lang,
    firstDay: 1,
    height: phone ? 'auto' : 'calc(100dvh - 190px)',
    slotMinTime: '08:00:00',
    slotMaxTime: '22:00:00',
    flexibleSlotTimeLimits: true,
    allDaySlot: false,
    nowIndicator: true,
    buttonText: words,
    noEventsContent: words.empty,
    headerToolbar: { start: 'prev,today,next', center: 'title', end: phone ? 'listWeek,timeGridDay' : 'timeGridDay,timeGridWeek,listWeek' },
    eventSources: [{ url: element.dataset.calendar, method: 'GET' }],
    eventClick: ({ event }) => { location.href = event.extendedProps.href; },
    eventDurationEditable: false,
    eventDrop: (drop) => move(element, drop),
    eventContent: ({ event, timeText }) => ({ domNodes: content(event, timeText) }),
    eventClassNames: ({ event: { extendedProps: { tone, cancelled, done } } }) => [`tone-${tone}`, cancelled && 'is-cancelled', done && 'is-done'].filter(Boolean),
  });
}

async function move(element, { event, revert }) {
  const body = new FormData();
  body.set('start', local(event.start));
  body.set('end', local(event.end));
  const reply = await fetch(event.extendedProps.move, { method: 'POST', body, headers: { 'X-CSRF-Token': element.dataset.csrf, Accept: 'application/json' } });
  if (reply.ok) return;
  revert();
  const answer = await reply.json();
  document.dispatchEvent(new CustomEvent('toast', { detail: { kind: 'error', text: answer.message } }));
}

// The calendar keeps the school's wall clock as local time.
function local(date) {
  const two = (number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function plain(element) {
  element.querySelectorAll('.ec-main').forEach((box) => { box.tabIndex = 0; });
  element.querySelectorAll(`:is(${TABLE_ROLES.map((role) => `[role=${role}]`).join()})`).forEach((box) => box.removeAttribute('role'));
  for (const name of TABLE_ATTRIBUTES) element.querySelectorAll(`[${name}]`).forEach((box) => box.removeAttribute(name));
}

function content(event, timeText) {
  return [['ec-event-time', timeText], ['ec-event-title', event.title], ['ec-event-place', event.extendedProps.place]].map(([name, text]) => {
    const line = document.createElement('div');
    line.className = name;
    line.textContent = text ?? '';
    return line;
  });
}
