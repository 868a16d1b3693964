// What people say about the samples' drafts: texts by topic, told by people of all kinds, some twice in other words.
// The same every time, so that two fresh states look alike.
import {texts} from './texts.mjs';

const NAMES = ['زهرا محمدی', 'علی رضایی', 'مریم کریمی', 'حسین نوروزی', 'فاطمه بلوچ', 'محمد شهرکی', 'سارا احمدی', null,
  'رضا سرگلزایی', 'نرگس حسینی', null, 'امیر دهمرده', 'لیلا جعفری', 'عبدالله ریگی', 'پریسا صادقی', null, 'مهدی سمنانی',
  'خدیجه نارویی', 'سعید طاهری', 'الهام یزدانی', null, 'یوسف براهویی', 'شیما قاسمی', 'ناصر اصفهانی'];
const AUDIENCES = ['citizen', 'citizen', 'stakeholder', 'citizen', 'specialist', 'citizen', undefined];

// What somebody adds when another has already said the main thing.
const ADDITIONS = [
  'لطفاً پیش از تصویب با مردم محل هم گفت‌وگو شود.', 'نتیجهٔ بررسی این نظرها را روشن اعلام کنید.',
  'سال گذشته هم همین موضوع مطرح شد و به جایی نرسید.', 'اجرای آن بدون بازرسی سرزده فایده‌ای ندارد.',
  'کاش زمان اجرای آن هم در متن می‌آمد.', 'در استان‌های همسایه تجربهٔ خوبی از این کار هست.',
  'برای خانواده‌های کم‌درآمد استثنایی در نظر بگیرید.', 'اطلاع‌رسانی تنها در تارنما کافی نیست؛ پیامک هم بفرستید.',
  'بهتر است شش ماه آزمایشی اجرا و بعد بازنگری شود.', 'مسئول پیگیری این بند مشخص نیست.',
  'به نظرم متن ساده‌تر نوشته شود تا همه بفهمند.', 'آمار دقیق آن را هم منتشر کنید.',
];
const OPENINGS = ['', 'با سلام. ', 'سلام و خسته نباشید. ', '', 'به نام خدا. ', 'با احترام، '];

// Near-identical texts, as they come when a text is passed around: one campaign for the server.
const CAMPAIGN = [
  'ما اهالی روستاهای بخش مرکزی با افزایش حق انشعاب مخالفیم و خواهان قسط‌بندی آن هستیم.',
  'ما اهالی روستاهاي بخش مركزي با افزایش حق انشعاب مخالفیم، و خواهان قسط بندی آن هستیم!',
  'ما اهالی روستاهای  بخش مرکزی با افزایش حق انشعاب مخالفیم و خواهان قسط‌بندی آن هستیم',
];

const cursors = new Map(); // draft -> how many comments it got

// The next `count` comments on a draft; `moderation` says what becomes of one that the public sends.
export function commentsOn(draft, count) {
  const start = cursors.get(draft) ?? 0;
  cursors.set(draft, start + count);
  const comments = Array.from({length: count}, (_, i) => comment(draft, start + i));
  const acts = draft.days.filter(([, act]) => act === 'comments').length;
  const share = Math.ceil((draft.campaign ?? 0) / acts);
  return [...comments, ...Array.from({length: share}, (_, i) => campaign(start + i))];
}

function comment(draft, n) {
  const said = texts[draft.topic];
  const [position, text] = said[n % said.length];
  const round = Math.floor(n / said.length);
  const addition = round === 0 ? '' : ` ${ADDITIONS[(n % said.length + 5 * round) % ADDITIONS.length]}`;
  return clean({
    text: OPENINGS[(n * 5 + round) % OPENINGS.length] + text + addition,
    position,
    clause_id: n % 3 === 1 ? draft.clauses[n % draft.clauses.length].id : undefined,
    audience: AUDIENCES[n % AUDIENCES.length],
    author_name: NAMES[(n * 7 + draft.title.length) % NAMES.length] ?? undefined,
    contact: n % 4 === 0 ? {mobile: `0912${String(3_000_000 + n * 137).slice(0, 7)}`} : undefined,
    moderation: moderationOf(draft, n),
  });
}

// Where the review has begun, the moderators have seen everything.
function moderationOf(draft, n) {
  if (n % 17 === 11) return 'rejected';
  if (n % 19 === 13) return 'withheld';
  if (n % 4 !== 2) return undefined;
  const isReviewed = draft.days.some(([, act]) => act === 'review');
  return isReviewed || n % 8 === 2 ? 'published' : 'waiting';
}

function campaign(n) {
  return clean({text: CAMPAIGN[n % CAMPAIGN.length], position: 'against', clause_id: 'm3', audience: 'stakeholder',
    author_name: NAMES[n % NAMES.length] ?? undefined});
}

const clean = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
