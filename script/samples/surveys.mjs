// The surveys of the samples, each with its days like the drafts of stories.mjs, and the people who answer them.

const choice = (id, title_fa) => ({id, title_fa});

const satisfaction = [
  {id: 'rating', type: 'rating', title_fa: 'از خدمت امروز چه اندازه خشنود بودید؟', required: true},
  {id: 'reason', type: 'single', title_fa: 'چه چیزی بهتر می‌شد؟', show_if: {question: 'rating', lte: 3},
    options: [choice('time', 'زمان انتظار'), choice('manner', 'برخورد کارکنان'), choice('papers', 'شمار مدارک')]},
  {id: 'way', type: 'single', title_fa: 'چگونه آمدید؟',
    options: [choice('walk', 'پیاده'), choice('bus', 'اتوبوس'), choice('car', 'خودرو شخصی')]},
  {id: 'topics', type: 'multiple', title_fa: 'برای چه کاری آمدید؟',
    options: [choice('permit', 'پروانه'), choice('letter', 'پیگیری نامه'), choice('meeting', 'دیدار'), choice('other', 'کار دیگر')]},
  {id: 'words', type: 'long_text', title_fa: 'اگر سخنی دارید بنویسید.'},
];
const priorities = [
  {id: 'first', type: 'single', title_fa: 'نخستین کار در محلهٔ شما کدام باشد؟', required: true,
    options: [choice('light', 'روشنایی'), choice('road', 'آسفالت و پیاده‌رو'), choice('park', 'فضای سبز'), choice('bus', 'اتوبوس')]},
  {id: 'tell', type: 'nps', title_fa: 'زندگی در این محله را به دیگران پیشنهاد می‌کنید؟'},
];
const poll = [{id: 'agree', type: 'single', title_fa: 'با پیاده‌راه شدن خیابان در روزهای جمعه موافقید؟', required: true,
  options: [choice('yes', 'موافقم'), choice('no', 'مخالفم'), choice('unsure', 'نظری ندارم')]}];

const WORDS = ['صف کوتاه‌تر شده است؛ سپاس.', 'برای سالمندان صندلی بگذارید.', 'کاش بعدازظهر هم باز بود.', 'پارکینگ ندارد.'];
const REASONS = ['time', 'time', 'papers', 'manner', 'time'];

// The n-th person's answers; the same every time.
export const answersTo = {
  satisfaction(n) {
    const rating = [5, 4, 4, 2, 3, 5, 4, 1, 5, 3][n % 10];
    return {rating, ...(rating <= 3 && {reason: REASONS[n % 5]}), way: ['bus', 'car', 'walk', 'car', 'bus', 'car'][n % 6],
      topics: [['permit'], ['letter'], ['permit', 'meeting'], ['other']][n % 4], ...(n % 9 === 4 && {words: WORDS[n % 4]})};
  },
  priorities: (n) => ({first: ['light', 'road', 'road', 'bus', 'light', 'park', 'road'][n % 7], tell: [9, 7, 10, 4, 8, 6][n % 6]}),
  poll: (n) => ({agree: ['yes', 'yes', 'no', 'yes', 'unsure', 'no', 'yes'][n % 7]}),
};

const TITLES = {title_fa: 'رضایت مراجعان از میز خدمت', title_en: 'How visitors find the service desk'};

export const surveys = [
  {
    org: 'isfahan', voice: 'satisfaction',
    survey: {kind: 'satisfaction', mode: 'device', ...TITLES, introduction_fa: 'پنج پرسش کوتاه دربارهٔ مراجعهٔ شما. پاسخ‌ها بی‌نام‌اند.',
      unit_code: 'service-units', questions: satisfaction},
    days: [[47, 'ask'], [46, 'open', {closes: 13}], [44, 'answers', 40], [40, 'answers', 35], [35, 'answers', 30],
      [32, 'poll', {to: 'results_published'}]],
  },
  {
    org: 'isfahan', voice: 'poll',
    survey: {kind: 'poll', mode: 'device', title_fa: 'جمعه‌های بی‌خودرو در خیابان چهارباغ', results_visibility: 'live',
      introduction_fa: 'یک پرسش: آیا خیابان در روزهای جمعه پیاده‌راه شود؟', questions: poll},
    days: [[5, 'ask'], [4, 'open', {closes: 20}], [3, 'answers', 22], [1, 'answers', 16]],
  },
  {
    org: 'semnan', voice: 'priorities',
    survey: {kind: 'visitor', mode: 'open', title_fa: 'اولویت‌های محلهٔ شما', introduction_fa: 'با دو پاسخ بگویید از کجا آغاز کنیم.',
      questions: priorities},
    days: [[29, 'ask'], [28, 'open', {closes: 10}], [26, 'answers', 25], [21, 'answers', 15], [12, 'poll', {to: 'results_published'}]],
  },
  {
    org: 'sistan-baluchestan', voice: 'poll',
    survey: {kind: 'poll', mode: 'device', title_fa: 'ساعت کار بازارچه در ماه رمضان',
      introduction_fa: 'با کار شبانهٔ بازارچه موافقید؟', questions: [{...poll[0], title_fa: 'با کار شبانهٔ بازارچه در ماه رمضان موافقید؟'}]},
    days: [[1, 'ask'], [1, 'open', {opens: 5, closes: 19}]],
  },
];
