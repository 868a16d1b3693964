// The suggestions of the samples, each with its days like the drafts of stories.mjs: [days ago, act, detail]. One went all the
// way to a paid reward, one was turned down and appealed, the others wait for experts and the committee.

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
  days: [[41, 'suggest'], [39, 'steer', SCREENED],
    [27, 'experts', {recommendation: 'approve', text: 'با سامانهٔ موجود شدنی است و هزینهٔ کمی دارد.'}],
    [24, 'judge', {scores: [[9, 8, 6], [8, 9, 5], [9, 7, 7]],
      minutes: 'پیشنهاد نوبت‌دهی اینترنتی بررسی شد. اعضا بر سود آن برای مراجعان شهرستانی تأکید کردند.'}],
    [23, 'verdict', {to: 'approved', text: 'کمیته پیشنهاد شما را پذیرفت و اجرای آن را به استانداری سپرد.'}],
    [22, 'reward', {amount: 90_000_000, lines: 2}], [22, 'supporters', 14],
    [20, 'steer', {to: 'planned', text: 'در برنامهٔ سه‌ماههٔ چهارم است.'}], [15, 'supporters', 9],
    [13, 'steer', {to: 'implementing', text: 'سامانه در دو باجه به‌صورت آزمایشی آغاز به کار کرد.'}],
    [5, 'progress', 'در دو هفتهٔ نخست ۴۱۰ نفر نوبت اینترنتی گرفتند؛ باجه‌های دیگر هم افزوده می‌شوند.'], [2, 'supporters', 6]],
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
    days: [[18, 'suggest'], [16, 'steer', SCREENED],
      [14, 'experts', {recommendation: 'approve', text: 'برآورد هزینه با حسگر حرکت پذیرفتنی است؛ با شهرداری هماهنگ شود.'}],
      [3, 'summon', 8]],
  },
  {
    org: 'isfahan',
    idea: {
      subject: 'تابلوهای راهنمای دوزبانه در ساختمان استانداری',
      problem: 'مراجعان و گردشگران اتاق‌ها را پیدا نمی‌کنند و از نگهبان می‌پرسند.',
      proposal: 'تابلوهای فارسی و انگلیسی با نقشهٔ هر طبقه نصب شود.',
      benefit: 'سرگردانی مراجعان کم می‌شود.', suggester: {name: 'الناز بهرامی', email: 'elnaz@example.ir'}, show_name: true,
    },
    days: [[63, 'suggest'], [61, 'steer', SCREENED],
      [59, 'experts', {recommendation: 'approve', text: 'کم‌هزینه و سودمند است.'}],
      [55, 'judge', {scores: [[7, 9, 4], [8, 9, 5], [7, 8, 4]], minutes: 'پیشنهاد تابلوهای دوزبانه با رأی همه پذیرفته شد.'}],
      [55, 'verdict', {to: 'approved', text: 'پیشنهاد شما پذیرفته شد.'}], [54, 'supporters', 11],
      [53, 'reward', {amount: 20_000_000, lines: 1}], [50, 'steer', {to: 'planned', text: 'سفارش ساخت داده شد.'}],
      [42, 'steer', {to: 'implementing', text: 'تابلوهای طبقهٔ همکف نصب شد.'}],
      [31, 'steer', {to: 'implemented', text: 'هر چهار طبقه تابلو و نقشه دارد.'}], [10, 'supporters', 4]],
  },
  {
    org: 'isfahan',
    idea: {
      subject: 'ساخت قطار هوایی تا شهرهای پیرامون',
      problem: 'رفت‌وآمد روزانه به شهرهای پیرامون دشوار است.',
      proposal: 'قطار هوایی میان اصفهان و شهرهای پیرامون ساخته شود.', suggester: {name: 'فرهاد عسگری', mobile: '09132221100'},
    },
    days: [[49, 'suggest'], [48, 'steer', SCREENED],
      [45, 'experts', {recommendation: 'reject', text: 'هزینهٔ آن از بودجهٔ ده سال استان بیشتر است.'}],
      [37, 'judge', {scores: [[5, 1, 6], [4, 1, 5], [6, 2, 6]], minutes: 'اعضا پیشنهاد را سودمند ولی بیرون از توان مالی استان دانستند.'}],
      [36, 'verdict', {to: 'rejected', reason: 'هزینهٔ آن در توان استان نیست؛ گسترش اتوبوس تندرو در دست بررسی است.'}],
      [34, 'citizen', ['reopen', {text: 'اجرای مرحله‌ای آن بررسی نشده است.'}]]],
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
