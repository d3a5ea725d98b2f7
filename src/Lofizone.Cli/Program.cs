using Lofizone.Cli;

return HiddenVerbs.Find(args) is { } role ? await role(args[1..]) : 2;
