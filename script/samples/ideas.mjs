// The suggestions of the samples, each with its days like the drafts of stories.mjs: [days ago, act, detail]. They wait for
// experts and committees, who need keys of their own.

const SCREENED = {to: 'screening'};

const queues = {
  org: 'semnan',
  idea: {
    subject: 'نوبت‌دهی اینترنتی در میز خدمت استانداری',
    problem: 'مراجعان میز خدمت، به‌ویژه از شهرستان‌ها، هر روز بیش از یک ساعت در صف می‌مانند و گاهی دست خالی بازمی‌گردند.',
    proposal: 'نوبت از درگاه استانداری با انتخاب روز و ساعت داده شود و یک روز پیش از آن با پیامک یادآوری شود.',
    benefit: 'صف از میان می‌رود و کارشناسان می‌دانند هر روز چند مراجع دارند.', cost: 'حدود دو ماه کار یک برنامه‌نویس',
    suggester: {name: 'زهرا کریمی', mobile: '09131234567'}, share: 60,
    co_suggesters: [{name: 'نرگس یوسفی', email: 'narges@example.ir', share: 40}], show_name: true,
  },
  days: [[41, 'suggest'], [39, 'steer', SCREENED]],
};

export const ideas = [
  queues,
  {
    org: 'semnan',
    idea: {
      subject: 'نوبت اینترنتی برای مراجعان میز خدمت',
      problem: 'برای یک مهر باید نصف روز مرخصی گرفت و در صف میز خدمت ایستاد.',
      proposal: 'از طریق سایت نوبت بدهید تا هر کس سر ساعت خودش بیاید.',
      suggester: {name: 'امیر صادقی', mobile: '09121112233'},
    },
    days: [[30, 'suggest'], [29, 'steer', SCREENED], [28, 'repeat', queues]],
  },
  {
    org: 'semnan',
    idea: {
      subject: 'پایش برخط سفره‌های آب زیرزمینی برای کشاورزان',
      problem: 'کشاورزان گرمسار از افت سطح چاه‌های پیرامون خود خبر ندارند و بیش از توان دشت می‌کارند.',
      proposal: 'سطح آب چاه‌های نمونه هر هفته روی نقشهٔ درگاه استان منتشر شود.',
      benefit: 'الگوی کشت با آب موجود هماهنگ می‌شود.',
      suggester: {name: 'حسین علوی', mobile: '09192223344'}, share: 50,
      co_suggesters: [{name: 'سمیه رستمی', share: 25}, {name: 'مهدی قنبری', share: 25}],
    },
    days: [[24, 'suggest'], [22, 'steer', SCREENED],
      [21, 'steer', {to: 'needs_completion', text: 'لطفاً برآوردی از هزینهٔ ابزار اندازه‌گیری هر چاه بنویسید.'}]],
  },
  {
    org: 'isfahan',
    idea: {
      subject: 'روشنایی پیاده‌روهای کنار زاینده‌رود',
      problem: 'پیاده‌روهای میان پل خواجو و پل چوبی پس از غروب تاریک‌اند و خانواده‌ها احساس ناامنی می‌کنند.',
      proposal: 'چراغ‌های کم‌مصرف با حسگر حرکت در دو سوی رودخانه نصب شود.',
      suggester: {name: 'مهدی رضایی', email: 'mahdi@example.ir'},
    },
    days: [[18, 'suggest'], [16, 'steer', SCREENED]],
  },
  {
    org: 'isfahan',
    idea: {
      subject: 'تفکیک کاغذ باطله در اداره‌های استان',
      problem: 'کاغذ باطلهٔ اداره‌ها با زبالهٔ تر دور ریخته می‌شود.',
      proposal: 'در هر طبقه مخزن جدا گذاشته و کاغذ هر هفته گردآوری شود؛ درآمد آن برای کتابخانهٔ اداره باشد.',
      cost: 'نزدیک به هیچ',
    },
    days: [[6, 'suggest']],
  },
  {
    org: 'sistan-baluchestan',
    idea: {
      subject: 'کتابخانهٔ سیار برای روستاهای دوردست سراوان',
      problem: 'دانش‌آموزان روستاهای دوردست به هیچ کتابخانه‌ای دسترسی ندارند.',
      proposal: 'یک مینی‌بوس هر دو هفته کتاب امانت ببرد و بازگرداند.',
      benefit: 'سه هزار دانش‌آموز کتاب می‌خوانند.', suggester: {name: 'فاطمه بلوچ', mobile: '09153334455'},
    },
    days: [[12, 'suggest'], [10, 'steer', SCREENED]],
  },
];
