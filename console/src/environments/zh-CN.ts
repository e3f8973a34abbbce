import type en from './en'

export default {
  title: '环境',
  lead: 'API 发布的位置。调用方通过请求头 X-Stage 选择环境；不指定时为 RELEASE。',
  create: '创建环境',
  createSubmit: '创建',
  edit: '编辑',
  editTitle: '编辑 {name}',
  save: '保存',
  delete: '删除',
  deleteTitle: '删除 {name}？',
  deleteText: '指定该环境的调用方将得到“API 不存在”的响应。存在已发布 API 的环境不能删除。',
  name: '名称',
  nameHint: '3 至 64 个字符：字母、数字和下划线，以字母开头。',
  remark: '描述',
  created: '创建时间',
  actions: '操作',
  search: '按名称搜索',
} satisfies Record<keyof typeof en, string>
