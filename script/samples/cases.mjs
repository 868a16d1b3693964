// The complaints, messages and information requests of the samples, each with its days like the drafts of stories.mjs:
// [days ago, act, detail]. Some are answered in time, some late, some wait beyond their day and have been escalated.

const person = (name, more = {}) => ({name, ...more});
const TO_INSPECTION = {to: 'assigned', unit_code: 'inspection'};
const TO_SERVICE = {to: 'assigned', unit_code: 'service-units'};
const BEGUN = {to: 'in_progress'};

const late = {
  org: 'isfahan', kind: 'complaints',
  body: {subject: 'نیمه‌کاره ماندن آسفالت جادهٔ روستا',
    text: 'جادهٔ روستای ما از فروردین کنده شده و پیمانکار رفته است. دو تصادف هم رخ داده و کسی پاسخ نمی‌دهد.',
    unit_code: 'service-units', complainant: person('رحمان شفیعی', {mobile: '09133456712'})},
  days: [[37, 'file'], [36, 'step', TO_SERVICE], [35, 'step', BEGUN],
    [34, 'note', 'پیمانکار دوم هنوز معرفی نشده است؛ از ادارهٔ راه استعلام شد.'],
    [28, 'reply', 'از ادارهٔ راه دربارهٔ ادامهٔ کار استعلام کرده‌ایم و نتیجه را به شما می‌گوییم.']],
};

const complaints = [
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'تأخیر در صدور پروانهٔ ساختمانی', service_code: 'village-permit', unit_code: 'service-units',
      text: 'سه ماه است که پروندهٔ پروانهٔ ساختمانی من در میز خدمت مانده و هر بار می‌گویند هفتهٔ بعد بیا.',
      complainant: person('زهرا کریمی', {mobile: '09131234567'})},
    days: [[66, 'file'], [65, 'step', TO_SERVICE], [64, 'step', BEGUN],
      [58, 'step', {to: 'answered', text: 'نقشهٔ شما در صف بازبینی مانده بود. بازبینی شد و پروانه آمادهٔ تحویل است.'}],
      [57, 'citizen', ['rating', {rating: 5, text: 'همان روز پروانه را گرفتم.'}]]],
  },
  late,
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'جادهٔ کنده‌شدهٔ روستا', text: 'جادهٔ روستای ما را کنده‌اند و رها کرده‌اند؛ با باران راه بسته می‌شود.',
      unit_code: 'service-units', complainant: person('سکینه باقری')},
    days: [[30, 'file'], [29, 'merge', {into: late, reason: 'همین موضوع پیش‌تر ثبت شده و در دست پیگیری است.'}]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'دریافت هزینهٔ اضافه برای ثبت درخواست', text: 'برای ثبت درخواست گردهمایی از من پول گرفتند، در حالی که در تابلو رایگان است.',
      service_code: 'gathering', unit_code: 'inspection'},
    days: [[52, 'file'], [51, 'step', TO_INSPECTION], [50, 'step', BEGUN],
      [34, 'step', {to: 'answered', text: 'بازرسی انجام شد؛ مبلغ گرفته‌شده بازگردانده و به متصدی تذکر کتبی داده شد.'}],
      [32, 'citizen', ['rating', {rating: 3, text: 'درست شد، ولی بیش از ده روز کاری طول کشید.'}]]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'صدای شبانهٔ کارگاه سنگ‌بری', text: 'کارگاه سنگ‌بری کنار محله تا نیمه‌شب کار می‌کند و خواب نداریم.',
      complainant: person('حمید نصری', {mobile: '09137654321'})},
    days: [[40, 'file'], [39, 'step', TO_INSPECTION], [38, 'step', BEGUN],
      [33, 'step', {to: 'referred_out', agency: 'ادارهٔ کل حفاظت محیط زیست', agency_number: '۱۴۰۵/۲۲۱۸',
        reason: 'رسیدگی به آلودگی صوتی کارگاه‌ها با محیط زیست است؛ نامهٔ شما فرستاده شد.'}]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'پاسخ ندادن تلفن میز خدمت', text: 'یک هفته است که تلفن میز خدمت را کسی برنمی‌دارد.', unit_code: 'public-relations',
      complainant: person('نسرین طاهری', {email: 'nasrin@example.ir'})},
    days: [[26, 'file'], [25, 'step', {to: 'assigned', unit_code: 'public-relations'}], [24, 'step', BEGUN],
      [20, 'step', {to: 'answered', text: 'خط تلفن تعمیر شد.'}],
      [18, 'citizen', ['reopen', {text: 'دیروز چهار بار زنگ زدم و باز کسی پاسخ نداد.'}]]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'برخورد نامناسب در باجهٔ سه', text: 'کارشناس باجهٔ سه با تندی گفت وقت ندارد و پرونده را پس داد.', unit_code: 'inspection'},
    days: [[12, 'file'], [11, 'step', TO_INSPECTION], [10, 'step', BEGUN],
      [8, 'step', {to: 'awaiting_citizen', text: 'لطفاً روز و ساعت مراجعه را بنویسید تا دوربین باجه بازبینی شود.'}],
      [6, 'citizen', ['replies', {text: 'سه‌شنبهٔ هفتهٔ گذشته، حدود ساعت ده و نیم.'}]]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'نیامدن اتوبوس خط شاهین‌شهر', text: 'اتوبوس ساعت هفت صبح خط شاهین‌شهر سه روز است که نمی‌آید.', channel: 'phone',
      complainant: person('کبری سلیمی', {mobile: '09139876543'})},
    byStaff: true,
    days: [[9, 'file'], [8, 'step', TO_SERVICE]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'چراغ‌های خاموش میدان روستا', text: 'چراغ‌های میدان روستا از دو هفته پیش خاموش است و شب‌ها کسی بیرون نمی‌آید.'},
    days: [[2, 'file']],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'اختلاف با همسایه بر سر دیوار', text: 'همسایهٔ ما دیوار مشترک را خراب کرده و هزینه‌اش را نمی‌دهد.'},
    days: [[21, 'file'], [20, 'step', {to: 'rejected', reason_code: 'not_ours',
      reason: 'اختلاف میان دو همسایه در صلاحیت شورای حل اختلاف است، نه استانداری.'}]],
  },
  {
    org: 'isfahan', kind: 'complaints',
    body: {subject: 'تکراری بودن مدارک خواسته‌شده', text: 'برای هر مراجعه همان مدارک را دوباره می‌خواهند.', complainant: person('امید رسولی')},
    days: [[15, 'file'], [14, 'citizen', ['withdraw']]],
  },
  {
    org: 'semnan', kind: 'complaints',
    body: {subject: 'قطع پی‌درپی آب در شهرک', text: 'آب شهرک هر روز از ظهر تا شب قطع است و برنامهٔ آن را اعلام نمی‌کنند.',
      complainant: person('اکرم عرب', {mobile: '09123334455'})},
    days: [[23, 'file'], [22, 'step', {to: 'assigned', unit_code: 'general-offices'}], [20, 'step', BEGUN],
      [16, 'step', {to: 'answered', text: 'برنامهٔ نوبت‌بندی آب از امروز در درگاه شهرستان منتشر می‌شود.'}],
      [15, 'citizen', ['rating', {rating: 4}]]],
  },
  {
    org: 'sistan-baluchestan', kind: 'complaints',
    body: {subject: 'نرسیدن تانکر آب به روستا', text: 'تانکر آب که باید دو روز در میان بیاید، ده روز است نیامده است.',
      complainant: person('دلمراد ریگی', {mobile: '09151239876'})},
    days: [[14, 'file'], [13, 'step', {to: 'assigned', unit_code: 'economic-affairs'}], [13, 'step', BEGUN],
      [12, 'step', {to: 'answered', text: 'تانکر دوم از امروز به مسیر روستای شما افزوده شد.'}]],
  },
];

const messages = [
  {
    org: 'isfahan', kind: 'messages',
    body: {subject: 'درخواست دیدار عمومی', text: 'دربارهٔ راه روستا درخواست دیدار با استاندار دارم.', addressee: {kind: 'governor'},
      wants_call: true, sender: person('علی رضایی', {mobile: '09131112233'})},
    days: [[19, 'file'], [18, 'step', {to: 'assigned', unit_code: 'public-relations'}],
      [15, 'step', {to: 'answered', text: 'دیدار عمومی دوشنبهٔ هر هفته برگزار می‌شود؛ نام شما برای نوبت آینده ثبت شد.'}]],
  },
  {
    org: 'isfahan', kind: 'messages',
    body: {subject: 'سپاس از کارکنان میز خدمت', text: 'از خوش‌رویی کارکنان باجهٔ یک سپاسگزارم.', sender: person('مینا صالحی')},
    days: [[16, 'file'], [15, 'step', {to: 'no_reply_needed', reason: 'پیام سپاس است و به واحد فرستاده شد.'}]],
  },
  {
    org: 'isfahan', kind: 'messages',
    body: {subject: 'رسید ندادن در شهرداری', text: 'برای عوارض نوسازی پول گرفتند و رسید ندادند.', sender: person('جواد کاظمی', {mobile: '09134445566'})},
    days: [[11, 'file'], [10, 'convert', {to: 'complaint', unit_code: 'inspection'}]],
  },
  {
    org: 'isfahan', kind: 'messages',
    body: {subject: 'گزارشی دربارهٔ یک پیمانکار', text: 'دربارهٔ پیمانکار طرح آب‌رسانی مدارکی دارم که می‌خواهم تنها به دفتر استاندار بدهم.',
      addressee: {kind: 'governor'}, confidential: true, sender: person('ناشناس', {email: 'safe@example.ir'})},
    days: [[7, 'file']],
  },
  {
    org: 'isfahan', kind: 'messages',
    body: {subject: 'فروش ویژهٔ پنجره', text: 'پنجرهٔ دوجداره با تخفیف؛ همین امروز زنگ بزنید.'},
    days: [[5, 'file'], [4, 'step', {to: 'spam', reason: 'آگهی بازرگانی است.'}]],
  },
  {
    org: 'isfahan', kind: 'messages',
    body: {subject: 'پیام صوتی', channel: 'voicemail', untranscribed: true, sender: person('نامعلوم', {mobile: '09130001122'})},
    byStaff: true,
    days: [[1, 'file']],
  },
  {
    org: 'semnan', kind: 'messages',
    body: {subject: 'پیشنهاد نام‌گذاری میدان', text: 'میدان تازه را به نام شاعر شهرمان بگذارید.', addressee: {kind: 'governor'}},
    days: [[10, 'file'], [9, 'step', {to: 'assigned', unit_code: 'public-relations'}],
      [8, 'step', {to: 'forwarded', agency: 'شورای اسلامی شهر', reason: 'نام‌گذاری میدان‌ها با شورای شهر است.'}]],
  },
];

const requests = [
  {
    org: 'isfahan', kind: 'info-requests',
    body: {subject: 'هزینهٔ بازسازی پل', text: 'گزارش هزینه‌های بازسازی پل در سال ۱۴۰۴ را می‌خواهم.', applicant: person('مریم احمدی', {email: 'm@example.ir'})},
    days: [[38, 'file'], [37, 'step', {to: 'assigned'}], [31, 'step', {to: 'answered_full', text: 'گزارش هزینه‌ها به تفکیک ماه در پی می‌آید: …'}],
      [30, 'citizen', ['rating', {rating: 5}]]],
  },
  {
    org: 'isfahan', kind: 'info-requests',
    body: {subject: 'قراردادهای پاک‌سازی زاینده‌رود', text: 'رونوشت قراردادهای پاک‌سازی بستر رودخانه در پنج سال گذشته.', applicant: person('پویا فرهادی')},
    days: [[29, 'file'], [28, 'step', {to: 'assigned'}],
      [22, 'step', {to: 'answered_partial', text: 'رونوشت سه قرارداد فرستاده شد.', severed: [{part: 'شمارهٔ حساب پیمانکار', article: 14}]}],
      [20, 'citizen', ['reopen', {text: 'قرارداد سال ۱۴۰۳ در میان آنها نیست.'}]]],
  },
  {
    org: 'isfahan', kind: 'info-requests',
    body: {subject: 'طرح امنیتی رویدادها', text: 'برنامهٔ استقرار نیروها در جشنوارهٔ نوروزی را می‌خواهم.'},
    days: [[25, 'file'], [24, 'step', {to: 'assigned'}], [18, 'step', {to: 'refused', article: 13, reason: 'برنامهٔ حفاظتی از اسرار دولتی است.'}]],
  },
  {
    org: 'isfahan', kind: 'info-requests',
    body: {subject: 'آمار پروانه‌های ساختمانی', text: 'شمار پروانه‌های صادرشدهٔ هر شهرستان در سال گذشته.'},
    days: [[17, 'file'], [16, 'step', {to: 'assigned'}], [14, 'step', {to: 'already_public', address: 'https://example.ir/permits'}]],
  },
  {
    org: 'isfahan', kind: 'info-requests',
    body: {subject: 'گزارش بازرسی جایگاه‌های سوخت', text: 'گزارش بازرسی جایگاه‌های سوخت شهرستان در تابستان.', applicant: person('لیلا مرادی', {mobile: '09138887766'})},
    days: [[32, 'file'], [30, 'step', {to: 'assigned'}]],
  },
  {
    org: 'semnan', kind: 'info-requests',
    body: {subject: 'گزارش کیفیت هوای شاهرود', text: 'میانگین ماهانهٔ شاخص هوا از ابتدای سال.', applicant: person('سپیده وفایی')},
    days: [[8, 'file'], [7, 'step', {to: 'assigned'}],
      [5, 'step', {to: 'clarification', text: 'کدام ایستگاه را می‌خواهید؟ در شاهرود دو ایستگاه است.'}]],
  },
  {
    org: 'sistan-baluchestan', kind: 'info-requests',
    body: {subject: 'فهرست روستاهای تحت پوشش آب‌رسانی', text: 'نام روستاهایی که امسال آب لوله‌کشی گرفتند.'},
    days: [[4, 'file']],
  },
];

export const cases = [...complaints, ...messages, ...requests];
