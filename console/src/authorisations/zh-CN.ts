import type en from './en'

export default {
  authorisations: '已授权的 API',
  authorise: '授权 API',
  authoriseSubmit: '授权',
  environment: '环境',
  group: '分组',
  api: 'API',
  apis: 'API',
  request: '请求',
  searchApis: '按名称搜索 API',
  chooseApis: '请至少选择一个 API。',
  end: '结束时间',
  endHint: '留空则长期有效。',
  until: '有效期至',
  unlimited: '长期有效',
  actions: '操作',
  withdraw: '解除授权',
  withdrawTitle: '解除对 {name} 的授权？',
} satisfies Record<keyof typeof en, string>
