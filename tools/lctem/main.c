#include <lctem/analyze.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc,char**argv){ struct lct_recipe r; struct lct_options o={0}; struct lct_err e={0}; int n;
 if(lct_recipe_init(&o,&r,LCT_CMD_ANALYZE,&e)||lct_options_parse(&o,argc-1,argv+1,&n,&e)||lct_recipe_check(&r,&e)){fprintf(stderr,"%s\n",e.text);return 2;}
 struct lct_analysis a; enum lct_status s=lct_analyze(&a,argv[1],&r,NULL,&e); if(s){fprintf(stderr,"%s\n",e.text);} else printf("%ld frames\n",a.n_frames); return s;}
