// The service desk of the samples: services with what people think of them, questions, what is in force with opinions on it,
// and measures that answer them. None of it is published by a governorate.
import {randomUUID} from 'node:crypto';
import {call, each} from './client.mjs';

const BASE = '/v1/orgs/isfahan';

const services = [
  {code: 'village-permit', title_fa: 'صدور پروانهٔ ساختمانی روستایی', title_en: 'Rural building permit',
    unit_code: 'service-units', keywords: ['جواز ساخت', 'بنیاد مسکن'], documents: ['سند مالکیت', 'نقشهٔ ساختمان'],
    fee: 'رایگان', duration: '۱۰ روز کاری', channel: 'حضوری و الکترونیکی',
    ratings: [[5, 'روند کار روشن بود.'], [4], [2, 'صف میز خدمت طولانی است.'], [3], [4], [5]]},
  {code: 'gathering', title_fa: 'مجوز برگزاری گردهمایی', unit_code: 'service-units', keywords: ['تجمع', 'مراسم'],
    documents: ['درخواست کتبی'], fee: 'رایگان', duration: '۳ روز کاری', channel: 'حضوری', ratings: [[3], [4]]},
  {code: 'water-share', title_fa: 'پیگیری حق‌آبهٔ کشاورزان', keywords: ['آب‌بها', 'زاینده‌رود'], documents: [],
    duration: '۱۵ روز کاری', channel: 'الکترونیکی', ratings: [[1, 'سه بار مراجعه کردم.'], [2], [2]]},
];

const questions = [
  {code: 'when-answered', topic: 'شکایت', question: 'پاسخ شکایت چه زمانی می‌رسد؟',
    answer: 'حداکثر ده روز کاری پس از دریافت؛ رسید شما روزشمار آن را نشان می‌دهد.'},
  {code: 'how-to-track', topic: 'پیگیری', question: 'چگونه نظر یا شکایتم را پیگیری کنم؟',
    answer: 'با کد رهگیری که در رسید آمده است؛ حساب کاربری لازم نیست.'},
  {code: 'anonymous', topic: 'شکایت', question: 'آیا می‌توانم ناشناس شکایت کنم؟', answer: 'بله؛ نام و شمارهٔ تماس اختیاری است.'},
];

const decision = {kind: 'decision', title: 'ساعت کار میز خدمت در زمستان', unit_code: 'service-units',
  text: 'میز خدمت در زمستان از ۸ تا ۱۳ باز است.'};
const opinions = [
  {text: 'بعدازظهرها هم باز باشد؛ کارگران صبح نمی‌توانند بیایند.', position: 'against', audience: 'citizen'},
  {text: 'ساعت خوبی است، ولی باجه‌ها کم است.', position: 'neutral', audience: 'stakeholder'},
];

async function put({ratings, ...service}) {
  await call('POST', `${BASE}/services`, service);
  await each(ratings, ([rating, text]) => call('POST', `${BASE}/services/${service.code}/ratings`, {rating, text},
    {asPublic: true, more: {'Device-Token': randomUUID()}}));
}

// What else is in force, and what else is done.
const subjects = [
  {kind: 'policy', title: 'انتشار پیش‌نویس مقرره‌ها پیش از تصویب', text: 'هر مقررهٔ استانی پیش از تصویب برای نظر مردم منتشر می‌شود.'},
  {kind: 'process', title: 'رسیدگی به درخواست گردهمایی', unit_code: 'service-units',
    text: 'درخواست ثبت، با دستگاه‌های مربوط هماهنگ و پاسخ کتبی داده می‌شود.'},
  {kind: 'action', title: 'لایروبی مادی‌های شهر', text: 'مادی‌ها پیش از آغاز بارندگی لایروبی می‌شوند.'},
];
const measures = [
  {title: 'صندلی برای مراجعان سالمند', text: 'دوازده صندلی در سالن انتظار گذاشته شد.', state: 'done', unit_code: 'service-units'},
  {title: 'پرداخت الکترونیکی در همهٔ باجه‌ها', text: 'دستگاه کارت‌خوان برای باجه‌ها سفارش داده شد.', state: 'planned'},
  {title: 'باجهٔ سیار در بازار', text: 'باجهٔ سیار هفته‌ای یک روز در بازار.', state: 'dropped',
    reason: 'پس از آزمایش یک‌ماهه کمتر از ده مراجع داشت.'},
];

export async function openDesk() {
  for (const service of services) await put(service);
  for (const question of questions) await call('POST', `${BASE}/faq`, question);
  const {id} = await call('POST', `${BASE}/subjects`, decision);
  const comments = [];
  for (const opinion of opinions) comments.push((await call('POST', `${BASE}/subjects/${id}/comments`, opinion)).id);
  await call('POST', `${BASE}/measures`, {title: 'نوبت بعدازظهر میز خدمت', state: 'under_way', unit_code: 'service-units',
    text: 'دو روز در هفته میز خدمت تا ساعت ۱۷ باز می‌ماند.', links: {comments}});
  for (const subject of subjects) await call('POST', `${BASE}/subjects`, subject);
  for (const measure of measures) await call('POST', `${BASE}/measures`, measure);
}
